import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';

async function script(shell: string): Promise<string> {
  const { terminal, written } = captureTerminal();
  expect(await run(['completion', shell], terminal, {})).toBe(0);
  return written.out;
}

const has = (program: string): boolean => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** Runs lines in a shell that has no settings of its own, after the script of its completion. */
async function inShell(shell: string, lines: string): Promise<string[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'completion-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'script');
  await writeFile(file, `${await script(shell)}\n${lines}\n`);
  const args = { bash: ['--norc', file], zsh: ['-f', file], fish: ['--no-config', file] }[shell] ?? [];
  const { stdout, stderr } = await promisify(execFile)(shell, args, {
    cwd: folder,
    env: { ...process.env, HOME: folder },
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

const complete: Record<string, (line: string[]) => Promise<string[]>> = {
  bash: (words) =>
    inShell(
      'bash',
      `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}
_trainyard; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ),
  // As bashcompinit calls the function; its `compgen` leaves the choice by the first letters to zsh.
  zsh: async (words) => {
    const line = `COMP_WORDS=(${words.map((word) => `"${word}"`).join(' ')}) COMP_CWORD=${words.length - 1}`;
    const options = 'emulate -L sh; setopt kshglob noshglob braceexpand nokshautoload';
    const print = `printf '%s\\n' "\${COMPREPLY[@]}"`;
    const offered = await inShell('zsh', `() { ${options}; ${line}; _trainyard; ${print}; }`);
    return offered.filter((word) => word.startsWith(words.at(-1) ?? ''));
  },
  fish: async (words) =>
    (await inShell('fish', `complete -C '${words.join(' ')}'`)).map((line) => line.split('\t')[0] ?? ''),
};

describe.each(Object.keys(complete))('%s', (shell) => {
  const completions = complete[shell] ?? (async () => []);

  it.skipIf(!has(shell))(
    `(SKIPPED WHERE ${shell} IS MISSING) completes commands, options, choices and presets`,
    async () => {
      const cases: [string[], string[]][] = [
        [['trainyard', 'sub'], ['submit']],
        [['trainyard', 'dataset', 'exp'], ['export']],
        [['trainyard', 'submit', 'airbench-'], ['airbench-mini']],
        [['trainyard', 'submit', 'lenet', '--ep'], ['--epochs']],
        [['trainyard', 'logs', '--fol'], ['--follow']],
        [['trainyard', 'keys', 'create', 'me', '--role', 'rea'], ['reader']],
        [['trainyard', 'completion', 'z'], ['zsh']],
        [['trainyard', 'list', '--url', 'sub'], []],
        [['trainyard', '--js'], ['--json']],
      ];
      for (const [line, expected] of cases) expect([line, await completions(line)]).toEqual([line, expected]);
    },
  );
});

it('another shell is refused with those that there are', async () => {
  const { terminal, written } = captureTerminal();
  expect(await run(['completion', 'tcsh'], terminal, {})).toBe(2);
  expect(written.error).toContain('bash, zsh, fish');
});
