/** An error that the person who typed the command can correct. */
export class UsageError extends Error {}

/** Runs a command. A `UsageError` is printed without a stack and ends the process with exit code 2. */
export async function runCommand(command: () => void | Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

/** @throws UsageError unless `text` is a number above 0. */
export function positive(name: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new UsageError(`--${name} ${text}: a number above 0`);
  return number;
}

/** As `positive`; undefined when the option is absent. */
export const optionalNumber = (name: string, text: string | undefined): number | undefined =>
  text === undefined ? undefined : numberOf(name, text);

/** Comma-separated numbers. @throws UsageError */
export const numbers = (name: string, text: string): number[] => text.split(',').map((part) => numberOf(name, part));

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new UsageError(`--${name} ${text}: a number`);
  return number;
}

/** @throws UsageError unless `text` is one of `choices`. */
export function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new UsageError(`--${name} ${text}: ${choices.join(' or ')}`);
  return found;
}
