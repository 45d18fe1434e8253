/** Prisma's error codes for a server that cannot be reached, ended the session or has no connection left. */
const prismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2037']);
const adapterKinds = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections']);
/** SQLSTATE: connection exceptions (class 08), operator intervention (57P0x), too many connections (53300). */
const sqlState = /^(08\w{3}|57P0[1-5]|53300)$/;
const nodeCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
]);
/** pg's own errors have no code. */
const messages = /connection terminated|server closed the connection|timeout exceeded when trying to connect/i;

type Details = { code?: unknown; message?: unknown; meta?: { driverAdapterError?: { cause?: Cause } } };
type Cause = { kind?: unknown; code?: unknown; originalCode?: unknown; originalMessage?: unknown; message?: unknown };

/** Whether the error means that the database is unavailable for now, so that the same call may succeed later. */
export function isUnavailable(error: unknown): boolean {
  const { code, message, meta } = (error ?? {}) as Details;
  const cause = meta?.driverAdapterError?.cause;
  const codes = [code, cause?.code, cause?.originalCode].filter((value) => typeof value === 'string');
  return (
    codes.some((value) => prismaCodes.has(value) || sqlState.test(value) || nodeCodes.has(value)) ||
    adapterKinds.has(String(cause?.kind)) ||
    messages.test(`${message} ${cause?.originalMessage} ${cause?.message}`)
  );
}
