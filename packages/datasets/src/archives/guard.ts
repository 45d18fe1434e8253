import { InvalidInputError } from '@trainyard/contracts';
import type { ArchiveLimits } from './limits.js';

/** Counts what is read of one archive, and refuses the archive at the first entry that breaks a rule or a limit. */
export class Guard {
  private entries = 0;
  private bytes = 0;

  constructor(
    readonly file: string,
    readonly limits: ArchiveLimits,
  ) {}

  /** @returns the error to throw; `why` continues the sentence "<file> is refused: ". */
  refusal(why: string): InvalidInputError {
    return new InvalidInputError(`${this.file} is refused: ${why}`);
  }

  /** Counts one more entry. @throws InvalidInputError */
  admit(bytes: number): void {
    this.admitCount(++this.entries);
    this.bytes += bytes;
    if (this.bytes > this.limits.totalBytes) {
      throw this.refusal(`it unpacks to more than ${this.limits.totalBytes} bytes; split it into smaller sets`);
    }
  }

  admitCount(entries: number): void {
    if (entries > this.limits.entries) {
      throw this.refusal(`it has more than ${this.limits.entries} entries; split it into smaller sets`);
    }
  }

  admitRatio(what: string, unpacked: number, packed: number): void {
    const { ratio, ratioGraceBytes } = this.limits;
    if (unpacked > ratioGraceBytes + ratio * packed) {
      throw this.refusal(`${what} unpacks to more than ${ratio} times its size, as an archive bomb does`);
    }
  }

  /**
   * Checks a path of an archive.
   * @returns the path in its only normal form, or null for the root folder itself
   * @throws InvalidInputError
   */
  normalise(rawPath: string): string | null {
    const { limits } = this;
    if (rawPath.length > limits.pathLength) {
      const start = quote(`${rawPath.slice(0, 40)}...`);
      throw this.refusal(`the path ${start} is longer than ${limits.pathLength} characters; shorten it and pack again`);
    }
    if (rawPath.startsWith('/') || /^[A-Za-z]:/.test(rawPath)) {
      throw this.refusal(`${quote(rawPath)} is an absolute path; pack the files by paths within their folder`);
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the check looks for control characters
    if (/[\\\u0000-\u001f\u007f]/.test(rawPath)) {
      throw this.refusal(`the path ${quote(rawPath)} has a backslash or a control character; rename it and pack again`);
    }
    const parts = rawPath.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.includes('..')) throw this.refusal(`the path ${quote(rawPath)} leaves the archive; pack it without ".."`);
    if (parts.length > limits.pathDepth) {
      throw this.refusal(`the path ${quote(rawPath)} is deeper than ${limits.pathDepth} folders; pack an inner folder`);
    }
    return parts.length === 0 ? null : parts.join('/');
  }
}

/** A path as it is shown in messages. */
export const quote = (path: string): string => JSON.stringify(path);
