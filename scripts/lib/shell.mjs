import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** @type {NodeJS.Signals[]} */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** An error that the person at the keyboard can correct; its message says how. It is printed without a stack. */
export class Advice extends Error {}

/**
 * @typedef {object} ProcessOptions
 * @property {string} [cwd] default: the repository's folder
 * @property {NodeJS.ProcessEnv} [env] default: the environment of this process
 */

/**
 * Runs a program. Never throws: a program that is not installed has exit code 127.
 * @param {string} command
 * @param {string[]} args
 * @param {ProcessOptions & { input?: string }} [options]
 * @returns {Promise<{ code: number, stdout: string, output: string }>} the exit code, what it wrote to stdout,
 *   and what it wrote to stdout and stderr. To be parsed is stdout alone: Node and npm may warn on stderr.
 */
export function capture(command, args, { cwd = root, env = process.env, input = '' } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (stream === child.stdout) stdout += text;
      });
    }
    child.once('error', (error) => resolve({ code: 127, stdout, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, stdout, output }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/**
 * Runs a program and returns what it wrote to stdout.
 * @param {string} command
 * @param {string[]} args
 * @param {ProcessOptions} [options]
 * @throws {Advice} with its output when it fails
 */
export async function run(command, args, options) {
  const { code, stdout, output } = await capture(command, args, options);
  if (code !== 0) throw new Advice(`${[command, ...args].join(' ')} failed:\n${output.trim()}`);
  return stdout;
}

/**
 * Runs a program that uses the terminal itself, and forwards signals to it.
 * @param {string} command
 * @param {string[]} args
 * @param {ProcessOptions} [options]
 * @returns {Promise<number>} its exit code; 130 when a signal ended it
 */
export async function show(command, args, { cwd = root, env = process.env } = {}) {
  const child = spawn(command, args, { cwd, env, stdio: 'inherit' });
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    // On a terminal, Ctrl-C has already reached the child.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, forward);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(signal ? 130 : (code ?? 1)));
    });
  } finally {
    for (const signal of signals) process.off(signal, forward);
  }
}

/** @param {string} command */
export const isInstalled = async (command) => (await capture('sh', ['-c', `command -v ${command}`])).code === 0;

/**
 * Path of a package's program in node_modules, to be run by this Node: starting `npx` would take a second.
 * @param {string[]} parts
 */
export const binary = (...parts) => path.join(root, 'node_modules', ...parts);
