/**
 * Codes of Node's errors for a connection that was refused, lost or not made in time, and for a name server that does
 * not answer: the same call may succeed later. A name that does not exist (ENOTFOUND) is not among them.
 */
export const connectionErrorCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EAI_AGAIN',
]);
