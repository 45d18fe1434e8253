import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const program = fileURLToPath(new URL('shutdownProcess.mjs', import.meta.url));

interface Behaviour {
  deadlineMs: number;
  secondSignal: 'ignore' | 'force';
  lastStepMs: number;
  /** Begins by itself, with this exit code. */
  beginWith?: number;
}

class Service {
  output = '';
  readonly #ended: Promise<unknown[]>;
  readonly #read: Promise<unknown>;

  constructor(readonly child: ChildProcess) {
    onTestFinished(() => void child.kill('SIGKILL'));
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
    // Not `close`, which a child that was disconnected does not emit.
    this.#ended = once(child, 'exit');
    this.#read = child.stdout ? once(child.stdout, 'end') : Promise.resolve();
  }

  async prints(line: string): Promise<void> {
    const { stdout } = this.child;
    while (stdout && !this.output.split('\n').includes(line)) await once(stdout, 'data');
  }

  /** Its exit code, or the signal that ended it. */
  async end(): Promise<unknown> {
    const [code, signal] = await this.#ended;
    await this.#read;
    return signal ?? code;
  }

  get lines(): string[] {
    return this.output.trim().split('\n');
  }
}

async function serve(behaviour: Partial<Behaviour>, start: 'fork' | 'spawn' = 'spawn'): Promise<Service> {
  const args = [JSON.stringify({ deadlineMs: 20_000, secondSignal: 'ignore', lastStepMs: 0, ...behaviour })];
  const service = new Service(
    start === 'fork'
      ? fork(program, args, { execArgv: [], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
      : spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  await service.prints('ready');
  return service;
}

const steps = ['first', 'second', 'warn: its server is gone', 'third', 'closed'];

describe('a graceful shutdown', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('at %s runs all steps in order and exits with 0', async (signal) => {
    const service = await serve({});
    service.child.kill(signal);
    expect(await service.end()).toBe(0);
    expect(service.lines).toEqual(['ready', `info: shutting down: ${signal}`, ...steps]);
  });

  it('begins when the parent process is gone', async () => {
    const service = await serve({}, 'fork');
    service.child.disconnect();
    expect(await service.end()).toBe(0);
    expect(service.lines).toEqual(['ready', 'info: shutting down: parent process ended', ...steps]);
  });

  it('exits with 1 when a step takes longer than the deadline', async () => {
    const service = await serve({ deadlineMs: 100, lastStepMs: 60_000 });
    service.child.kill('SIGTERM');
    expect(await service.end()).toBe(1);
    expect(service.lines.at(-1)).toBe('third');
  });

  it('is not disturbed by a second signal where that is to be ignored', async () => {
    const service = await serve({ lastStepMs: 300 });
    service.child.kill('SIGINT');
    await service.prints('third');
    service.child.kill('SIGINT');
    service.child.kill('SIGTERM');
    expect(await service.end()).toBe(0);
    expect(service.lines).toEqual(['ready', 'info: shutting down: SIGINT', ...steps]);
  });

  it('is cut short by a second signal where that forces', async () => {
    const service = await serve({ secondSignal: 'force', lastStepMs: 60_000 });
    service.child.kill('SIGTERM');
    await service.prints('third');
    service.child.kill('SIGINT');
    expect(await service.end()).toBe('SIGINT');
    expect(service.lines.at(-1)).toBe('third');
  });

  it('exits with the code that it is begun with', async () => {
    const service = await serve({ beginWith: 1 });
    expect(await service.end()).toBe(1);
    expect(service.lines).toEqual(['ready', 'info: shutting down: uncaught exception', ...steps]);
  });
});
