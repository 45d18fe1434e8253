import { readFile } from 'node:fs/promises';
import { InvalidInputError } from '@trainyard/contracts';
import type { Terminal } from '../terminal.js';

/**
 * The JSON document in a file, or with `-` on standard input.
 * @throws InvalidInputError when it cannot be read or is not JSON.
 */
export async function readDocument(source: string, terminal: Terminal): Promise<unknown> {
  const name = source === '-' ? 'standard input' : source;
  const text = source === '-' ? await terminal.readInput() : await readText(source);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidInputError(`${name} is not JSON: ${(error as Error).message}`);
  }
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InvalidInputError(
      error.code === 'ENOENT' ? `there is no file ${file}` : `cannot read ${file}: ${error.message}`,
    );
  });
}

/** Whether an argument means a document rather than the name of a preset. */
export const isDocument = (argument: string): boolean =>
  argument === '-' || argument.endsWith('.json') || argument.includes('/') || argument.includes('\\');
