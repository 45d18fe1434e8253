import { InvalidInputError } from '@trainyard/contracts';

/** `pets` or `pets@2`. @throws InvalidInputError for a version that is no number */
export function parseDatasetName(text: string): { name: string; version: number | null } {
  const [, name = text, number] = /^([^@]*)@(.*)$/.exec(text) ?? [];
  if (number === undefined) return { name, version: null };
  if (!/^[1-9]\d{0,8}$/.test(number)) {
    throw new InvalidInputError(`${text} names no version: write the name, or name@version like ${name}@2`);
  }
  return { name, version: Number(number) };
}
