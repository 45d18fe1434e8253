/** First and last byte, both included. */
export interface ByteRange {
  first: number;
  last: number;
}

/**
 * Parses a Range header (RFC 9110 14.1.2) for a file of `bytes` bytes.
 *
 * @returns null for the whole file: without the header, and where a server may ignore it (other units, a syntax error,
 *   several ranges). `unsatisfiable` requires a 416.
 */
export function parseRange(header: string | undefined, bytes: number): ByteRange | 'unsatisfiable' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match) return null;
  const [from = '', to = ''] = match.slice(1);
  if (from === '' && to === '') return null;
  const range =
    from === ''
      ? { first: Math.max(bytes - Number(to), 0), last: bytes - 1 }
      : { first: Number(from), last: Math.min(to === '' ? Infinity : Number(to), bytes - 1) };
  // "bytes=5-2" is a syntax error; "bytes=-0" and a first byte beyond the end are unsatisfiable.
  if (from !== '' && to !== '' && Number(to) < Number(from)) return null;
  return range.first < bytes && range.first <= range.last ? range : 'unsatisfiable';
}
