import { readFile } from 'node:fs/promises';
import { InvalidInputError } from '@trainyard/contracts';
import { parse } from 'yaml';
import type { Terminal } from '../terminal.js';

/**
 * The JSON or YAML document in a file, or with `-` on standard input. Its text may be UTF-8 or, as PowerShell writes
 * it, UTF-16, with a byte order mark or without. A file is YAML where its name says so; standard input, where its first
 * character starts no JSON object or array.
 * @throws InvalidInputError when it cannot be read, or is neither JSON nor YAML.
 */
export async function readDocument(source: string, terminal: Terminal): Promise<unknown> {
  const name = source === '-' ? 'standard input' : source;
  const text = decode(name, source === '-' ? await terminal.readInput() : await readBytes(source));
  if (text.trim() === '') throw new InvalidInputError(`${name} is empty; it must be a JSON or YAML document`);
  return (source === '-' ? !/^\s*[[{]/.test(text) : isYaml(source)) ? parseYaml(name, text) : parseJson(name, text);
}

const isYaml = (file: string): boolean => /\.ya?ml$/i.test(file);

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidInputError(`${name} is not JSON: ${(error as Error).message}`);
  }
}

function parseYaml(name: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    // Also a ReferenceError, where aliases would multiply into a document that fills the memory.
    const [message] = (error as Error).message.split('\n');
    throw new InvalidInputError(`${name} is not YAML: ${message?.replace(/:$/, '')}`);
  }
}

async function readBytes(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new InvalidInputError(
      error.code === 'ENOENT' ? `there is no file ${file}` : `cannot read ${file}: ${error.message}`,
    );
  });
}

function decode(name: string, bytes: Uint8Array): string {
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new InvalidInputError(`${name} is not text in ${encoding.toUpperCase()}; save it as UTF-8`);
  }
}

/** The first character of a document is ASCII: in UTF-16, one of its two bytes is 0. A byte order mark is removed. */
function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  return (first === 0xfe && second === 0xff) || (first === 0 && second !== 0) ? 'utf-16be' : 'utf-8';
}

/** Whether an argument means a document rather than the name of a preset. */
export const isDocument = (argument: string): boolean =>
  argument === '-' || /\.(json|ya?ml)$/i.test(argument) || argument.includes('/') || argument.includes('\\');
