import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { UsageError } from './usage.js';

/** Path of a script beside the module at `base`. */
export const scriptPath = (name: string, base: string): string => fileURLToPath(new URL(name, base));

/**
 * Runs a program and returns the JSON objects that it printed, a line each, as one object.
 * Not synchronous: open connections of this process must be served meanwhile.
 */
export async function jsonOf<T>(command: string, args: readonly unknown[], env = process.env): Promise<T> {
  const texts = args.map(String);
  const { stdout } = await promisify(execFile)(command, texts, { env, maxBuffer: 2 ** 26 }).catch((error) => {
    throw new UsageError(`${command} ${texts.join(' ')}\n${error.stderr || error.message}`);
  });
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return Object.assign({}, ...lines.map((line) => JSON.parse(line)));
}
