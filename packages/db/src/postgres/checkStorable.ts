import { type Fault, InvalidInputError } from '@trainyard/contracts';

/** NUL, and unpaired surrogates: valid in JavaScript and JSON, but Postgres stores neither. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the NUL character is what it searches for.
const unstorable = /\u0000|\p{Surrogate}/u;

/**
 * @param pointer JSON pointer of `value` in the user's input.
 * @throws InvalidInputError with the pointer of every text in the value that the database cannot store.
 */
export function checkStorable(value: unknown, pointer = ''): void {
  const faults = [...unstorableTexts(value, pointer)];
  if (faults.length) throw new InvalidInputError('the input has characters that cannot be stored', faults);
}

function* unstorableTexts(value: unknown, pointer: string): Generator<Fault> {
  if (typeof value === 'string' && unstorable.test(value)) {
    yield { pointer, detail: 'must have neither NUL characters nor halves of surrogate pairs' };
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* unstorableTexts(item, `${pointer}/${key}`);
  }
}
