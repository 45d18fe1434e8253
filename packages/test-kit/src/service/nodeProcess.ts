import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from '../eventually.js';

/** The repository: this file is four folders below it, in `src/` as in `dist/`. */
const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** Compiled scripts: these tests run what a user runs. */
const scripts = {
  cli: 'apps/cli/bin/trainyard.js',
  api: 'apps/api/dist/server.js',
  worker: 'apps/worker/dist/main.js',
} as const;

export type ScriptName = keyof typeof scripts;

const running = new Set<ChildProcess>();
// A test run that is interrupted must not leave services behind.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A process of the service, with every line that it has written. */
export class NodeProcess {
  readonly lines: string[] = [];
  /** Exit code, or the signal that ended the process. */
  readonly exited: Promise<number | NodeJS.Signals>;
  readonly #child: ChildProcess;

  /** @param within a command that runs the process: it is given the program and its arguments. */
  constructor(script: ScriptName, args: string[], env: NodeJS.ProcessEnv, within: readonly string[] = []) {
    const [program, ...rest] = [...within, process.execPath, scripts[script], ...args] as [string, ...string[]];
    const child = spawn(program, rest, {
      cwd: root,
      // Variables of the machine must not change what a test does; two test files share two cores.
      env: { PATH: process.env.PATH, OMP_WAIT_POLICY: 'passive', TRAINYARD_THREADS: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    running.add(child);
    for (const input of [child.stdout, child.stderr])
      createInterface({ input }).on('line', (line) => this.lines.push(line));
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        running.delete(child);
        resolve(signal ?? code ?? 1);
      });
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

  /**
   * The first line that matches, written before or after this call.
   * @throws Error with the last lines, when the process ends before or after `timeoutMs`.
   */
  async line(pattern: RegExp, timeoutMs = 30_000): Promise<string> {
    const look = () => {
      const found = this.lines.find((line) => pattern.test(line));
      if (!found && this.ended) throw new Error(`the process ended without ${pattern}`);
      return found;
    };
    try {
      return await eventually(`a line ${pattern}`, look, timeoutMs);
    } catch (error) {
      const { message } = error as Error;
      throw new Error(`${message}\nIts last lines:\n${this.lines.slice(-20).join('\n')}`, { cause: error });
    }
  }
}

/** Whether a process lives. One that has ended and was not waited for yet counts as dead. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

/** All processes below `ancestor`, parents first. */
export function descendants(ancestor: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const stat = readIfThere(`/proc/${name}/stat`);
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const found = [ancestor];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found.slice(1);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
