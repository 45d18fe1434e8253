import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventually } from '@trainyard/test-kit';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Built scripts: these tests run what a user runs. */
export const scripts = {
  cli: 'apps/cli/bin/trainyard.js',
  api: 'apps/api/dist/server.js',
  worker: 'apps/worker/dist/main.js',
} as const;

/** A process of the service, and every line that it wrote. */
export class NodeProcess {
  readonly lines: string[] = [];
  readonly exited: Promise<number | NodeJS.Signals>;
  readonly #child: ChildProcess;

  constructor(script: keyof typeof scripts, args: string[], env: NodeJS.ProcessEnv) {
    this.#child = spawn(process.execPath, [scripts[script], ...args], {
      cwd: root,
      // Variables of the machine must not decide what a test does; two test files share two cores.
      env: { PATH: process.env.PATH, OMP_WAIT_POLICY: 'passive', TRAINYARD_THREADS: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) this.#collect(stream);
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve(signal ?? code ?? 1));
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Process ids of its own children. */
  get children(): number[] {
    try {
      return readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    this.signal(signal);
    return this.exited;
  }

  /** The first line that matches. @throws with everything that was written when the process ends before, or in vain. */
  async line(pattern: RegExp, timeoutMs = 30_000): Promise<string> {
    const look = () => {
      const found = this.lines.find((line) => pattern.test(line));
      if (!found && this.ended) throw new Error(`the process ended without ${pattern}:\n${this.lines.join('\n')}`);
      return found;
    };
    return eventually(`${pattern} among:\n${this.lines.slice(-20).join('\n')}`, look, timeoutMs);
  }

  #collect(stream: NodeJS.ReadableStream | null): void {
    let rest = '';
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      this.lines.push(...lines);
    });
  }
}

/** Whether a process lives; one that has ended and was not waited for yet counts as dead. */
export function lives(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}
