import { type ChildProcess, fork, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cannotMount, eventually, useSmallDisk } from '@trainyard/test-kit';
import { describe, expect, it, onTestFinished } from 'vitest';

const program = fileURLToPath(new URL('logProcess.mjs', import.meta.url));

/** A process that logs to the output, and sends a message after each round. */
class Logging {
  line = 0;
  readonly child: ChildProcess;
  readonly #exited: Promise<unknown[]>;

  constructor(output: 'stdout' | 'stderr', to: 'pipe' | number, pauseMs = 1) {
    const rest: StdioOptions = output === 'stdout' ? ['ignore', to, 'ignore'] : ['ignore', 'ignore', to];
    this.child = fork(program, [output, String(pauseMs)], { execArgv: [], stdio: [...rest, 'ipc'] as StdioOptions });
    onTestFinished(() => void this.child.kill('SIGKILL'));
    this.child.on('message', ({ line }: { line: number }) => {
      this.line = line;
    });
    this.#exited = once(this.child, 'exit');
  }

  /** Returns when it has gone on for so many more rounds. */
  async goesOn(rounds: number): Promise<void> {
    const from = this.line;
    await eventually('more rounds', () => {
      if (this.child.exitCode !== null) throw new Error(`it has ended with ${this.child.exitCode}`);
      return this.line > from + rounds;
    });
  }

  async terminate(): Promise<unknown> {
    this.child.kill('SIGTERM');
    const [code, signal] = await this.#exited;
    return signal ?? code;
  }
}

describe.each(['stdout', 'stderr'] as const)('a log to %s', (output) => {
  it.runIf(process.platform === 'linux')('on a full disk loses lines, and not the process', async () => {
    const full = openSync('/dev/full', 'w');
    const logging = new Logging(output, full);
    closeSync(full);
    await logging.goesOn(50);
    expect(await logging.terminate()).toBe(0);
  });

  it('whose reader is gone loses lines, and not the process', async () => {
    const logging = new Logging(output, 'pipe');
    await logging.goesOn(1);
    logging.child[output]?.destroy();
    await logging.goesOn(50);
    expect(await logging.terminate()).toBe(0);
  });

  it('whose reader does not read neither blocks nor ends the process, and says how much is missing', async () => {
    const logging = new Logging(output, 'pipe');
    const stream = logging.child[output];
    await logging.goesOn(500);
    let text = '';
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    await eventually('the notice', () => text.includes('log lines were dropped'));
    expect(await logging.terminate()).toBe(0);
    // Without the last one, which may be cut: the process ended while its reader was behind.
    const lines = text.split('\n').slice(0, -1);
    const log = lines.filter((line) => !line.startsWith('not a line')).map((line) => JSON.parse(line));
    const notice = log.findIndex(({ msg }) => msg === 'log lines were dropped');
    const numbers = log.filter(({ line }) => line !== undefined).map(({ line }) => line);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(log[notice].lines).toBeGreaterThan(0);
  });
});

it.skipIf(cannotMount)('a log whose disk fills goes on when there is space again, with whole lines', async () => {
  const disk = await useSmallDisk('1m');
  const free = await disk.fill();
  const file = openSync(join(disk.folder, 'log'), 'a');
  const logging = new Logging('stdout', file);
  closeSync(file);
  await logging.goesOn(50);
  await free();
  await eventually('the notice', async () =>
    (await readFile(join(disk.folder, 'log'), 'utf8')).includes('log lines were dropped'),
  );
  await eventually('the disk to be full again', async () => {
    const before = (await readFile(join(disk.folder, 'log'))).length;
    await logging.goesOn(20);
    return (await readFile(join(disk.folder, 'log'))).length === before;
  });
  expect(await logging.terminate()).toBe(0);
  const lines = (await readFile(join(disk.folder, 'log'), 'utf8')).split('\n').slice(0, -1);
  for (const line of lines.filter((line) => !line.startsWith('not a line'))) JSON.parse(line);
});
