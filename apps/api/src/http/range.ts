/** First and last byte, both included. */
export interface ByteRange {
  first: number;
  last: number;
}

/**
 * The one range that a Range header asks for of `bytes` bytes (RFC 9110 14.1.2). null: the whole file, as the header is
 * absent, is not understood or names several ranges, all of which a server may ignore. `unsatisfiable`: 416.
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
  // "bytes=5-2" is no range at all; "bytes=-0" and a first byte behind the end cannot be met.
  if (from !== '' && to !== '' && Number(to) < Number(from)) return null;
  return range.first < bytes && range.first <= range.last ? range : 'unsatisfiable';
}
