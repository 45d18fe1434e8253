import { FilterError } from './filterError.js';

/** @throws FilterError where it is longer than `longest` characters, or has one that no text in Postgres can have. */
export function checkText(text: string, longest: number): void {
  if (text.length > longest) {
    throw new FilterError(`it is longer than ${longest} characters`, longest, text.length - longest);
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) throw new FilterError('the character U+0000 is not allowed', nul, 1);
}
