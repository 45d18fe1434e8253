import { connectionErrorCodes } from '@trainyard/contracts';

/** Prisma's codes for a server that cannot be reached, ended the session, has no connection left, or deadlocks. */
const prismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037']);
const adapterKinds = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
  'TransactionWriteConflict',
]);
/**
 * SQLSTATE: connection exceptions (class 08), resources such as disk space and connections (53), operator intervention
 * (57P0x), timeouts of statements and locks (57014, 55P03) and of idle transactions (25P03), a server that takes no
 * writes, such as a standby (25006), deadlocks and serialization failures (40001, 40P01), disk errors (58030).
 */
const sqlState = /^(08\w{3}|53\w{3}|57P0[1-5]|57014|55P03|25P03|25006|40001|40P01|58030)$/;
/** pg's own errors have no code. */
const messages = new RegExp(
  [
    'connection terminated',
    'server closed the connection',
    'timeout exceeded when trying to connect',
    'query read timeout',
    'is not queryable',
  ].join('|'),
  'i',
);

type Details = { code?: unknown; message?: unknown; meta?: { driverAdapterError?: { cause?: Cause } } };
type Cause = { kind?: unknown; code?: unknown; originalCode?: unknown; originalMessage?: unknown; message?: unknown };

/** What the database says of a statement that it refuses, as of a violated constraint; null for other errors. */
export function refusalOf(error: unknown): string | null {
  const { code, severity, message, meta } = (error ?? {}) as Details & { severity?: unknown };
  const cause = meta?.driverAdapterError?.cause;
  // Only errors that the server sent have a severity: the code of any other is no SQLSTATE.
  const state = cause?.originalCode ?? (severity && code);
  if (typeof state !== 'string' || isUnavailable(error)) return null;
  return `${cause?.originalMessage ?? cause?.message ?? message} (SQLSTATE ${state})`;
}

/** Whether the error means that the database is unavailable for now, so that the same call may succeed later. */
export function isUnavailable(error: unknown): boolean {
  const { code, message, meta } = (error ?? {}) as Details;
  const cause = meta?.driverAdapterError?.cause;
  const codes = [code, cause?.code, cause?.originalCode].filter((value) => typeof value === 'string');
  return (
    codes.some(
      (value) =>
        prismaCodes.has(value) || sqlState.test(value) || connectionErrorCodes.has(value) || value === 'ENOTFOUND',
    ) ||
    adapterKinds.has(String(cause?.kind)) ||
    messages.test(`${message} ${cause?.originalMessage} ${cause?.message}`)
  );
}
