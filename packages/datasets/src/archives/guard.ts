import { InvalidInputError } from '@trainyard/contracts';
import type { ArchiveLimits } from './limits.js';

/** Counts what was read of one archive, and refuses the archive at the first entry that breaks a rule or a limit. */
export class Guard {
  private readonly seen = new Set<string>();
  private bytes = 0;

  constructor(
    readonly file: string,
    readonly limits: ArchiveLimits,
  ) {}

  /** @returns the error to throw; `why` continues the sentence "<file> is refused: ". */
  refusal(why: string): InvalidInputError {
    return new InvalidInputError(`${this.file} is refused: ${why}`);
  }

  /**
   * Checks an entry's path and counts its bytes.
   * @returns the path in its only normal form, or null for the root folder itself.
   * @throws InvalidInputError
   */
  admit(rawPath: string, bytes: number): string | null {
    const { limits } = this;
    const path = this.normalise(rawPath);
    if (path === null) return null;
    if (this.seen.has(path)) throw this.refusal(`it contains ${quote(path)} twice`);
    this.seen.add(path);
    this.admitCount(this.seen.size);
    if (bytes > limits.entryBytes) {
      throw this.refusal(`${quote(path)} has ${bytes} bytes, more than ${limits.entryBytes} are allowed in one file`);
    }
    this.bytes += bytes;
    if (this.bytes > limits.totalBytes) {
      throw this.refusal(`it unpacks to more than ${limits.totalBytes} bytes`);
    }
    return path;
  }

  admitCount(entries: number): void {
    if (entries > this.limits.entries) throw this.refusal(`it has more than ${this.limits.entries} entries`);
  }

  admitRatio(what: string, unpacked: number, packed: number): void {
    const { ratio, ratioGraceBytes } = this.limits;
    if (unpacked > ratioGraceBytes + ratio * packed) {
      throw this.refusal(`${what} unpacks to more than ${ratio} times its size, as an archive bomb does`);
    }
  }

  private normalise(rawPath: string): string | null {
    const { limits } = this;
    if (rawPath.length > limits.pathLength) {
      const start = quote(`${rawPath.slice(0, 40)}...`);
      throw this.refusal(`the path ${start} is longer than ${limits.pathLength} characters`);
    }
    if (rawPath.startsWith('/') || /^[A-Za-z]:/.test(rawPath)) {
      throw this.refusal(`${quote(rawPath)} is an absolute path`);
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the check looks for control characters
    if (/[\\\u0000-\u001f\u007f]/.test(rawPath)) {
      throw this.refusal(`the path ${quote(rawPath)} has a backslash or a control character`);
    }
    const parts = rawPath.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.includes('..')) throw this.refusal(`the path ${quote(rawPath)} leaves the archive`);
    if (parts.length > limits.pathDepth) {
      throw this.refusal(`the path ${quote(rawPath)} is deeper than ${limits.pathDepth} folders`);
    }
    return parts.length === 0 ? null : parts.join('/');
  }
}

/** A path as it is shown in messages. */
export const quote = (path: string): string => JSON.stringify(path);
