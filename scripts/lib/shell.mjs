import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Something that the person at the keyboard has to do; its message says what. No stack is shown. */
export class Advice extends Error {}

/**
 * Runs a program and gives its exit code and all that it wrote. Never throws: a program that is not there has code 127.
 * @returns {Promise<{code: number, output: string}>}
 */
export function capture(command, args, { cwd = root, env = process.env, input = '' } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.once('error', (error) => resolve({ code: 127, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Runs a program quietly. @throws Error with what it wrote when it fails. */
export async function run(command, args, options) {
  const { code, output } = await capture(command, args, options);
  if (code !== 0) throw new Advice(`${[command, ...args].join(' ')} failed:\n${output.trim()}`);
  return output;
}

/** Runs a program that talks to the terminal itself; gives its exit code. Signals to this process go on to it. */
export async function show(command, args, { cwd = root, env = process.env } = {}) {
  const child = spawn(command, args, { cwd, env, stdio: 'inherit' });
  const forward = (signal) => {
    // A terminal's Ctrl-C has reached the child already.
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

export const has = async (command) => (await capture('sh', ['-c', `command -v ${command}`])).code === 0;

/** The script of a package's program in node_modules, run by this Node: `npx` would take a second. */
export const binary = (...parts) => path.join(root, 'node_modules', ...parts);
