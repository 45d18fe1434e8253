import { InvalidInputError, TrainyardError } from '@trainyard/contracts';

/** What libraries say of damaged archives, in words that help. */
const reasons: [pattern: RegExp, reason: string][] = [
  [/end of central directory|invalid comment length/i, 'its directory at the end is missing'],
  [/central directory file header|extra field/i, 'its directory is damaged'],
  [/unexpected (end|EOF)|input EOF|ends early|premature/i, 'it ends too early'],
  [/invalid tar header/i, 'a header is damaged'],
  [/^(incorrect|invalid|unknown|too many) |crc|data error|not bzip|get_next_output/i, 'its content is damaged'],
];

/** One file of an archive is damaged; the others are not. */
export class DamagedEntryError extends Error {}

/**
 * The error to throw for one of a reader: names the archive and what is wrong.
 * @param kind `zip archive`
 */
export function damaged(path: string, kind: string, error: unknown): Error {
  if (error instanceof TrainyardError) return error;
  const { message, code = '' } = error as NodeJS.ErrnoException;
  if (/multi-disk/.test(message)) {
    const join = 'join all parts first: zip -s 0 set.zip --out whole.zip';
    return new InvalidInputError(`${path} is one of several parts of a zip archive; ${join}`);
  }
  if (/strong encryption/.test(message)) {
    return new InvalidInputError(`${path} is refused: it is encrypted; pack it without a password`);
  }
  if (/^E[A-Z]+$/.test(code)) return new InvalidInputError(`${path} cannot be read (${code}): ${ofDisk(code)}`);
  const reason = reasons.find(([pattern]) => pattern.test(message))?.[1] ?? message;
  const problem = `cannot be read as a ${kind}: it is truncated or damaged (${reason})`;
  return new InvalidInputError(`${path} ${problem}; copy or download it again`);
}

/** What to do about an error of the disk. */
export function ofDisk(code: string): string {
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not read it; change that with chmod or chown';
  if (code === 'ENOENT') return 'it was removed while it was read; import it again';
  return 'check the disk and import it again';
}
