import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '@trainyard/process';
import { hasEnded } from './childProcess.js';

const firstPauseMs = 500;
const longestPauseMs = 30_000;
/** After this long without a crash, the next restart waits for the first pause again. */
const healthyMs = 60_000;

/** How to start and stop one process. */
export interface ProcessSpec {
  name: string;
  /** Resolves when the process is ready. */
  start(): Promise<ChildProcess>;
  stop(child: ChildProcess): Promise<void>;
}

/** A process that is restarted whenever it ends, after a pause that doubles while it keeps ending. */
export class SupervisedProcess {
  readonly #stopping = new AbortController();
  readonly #backoff = new Backoff(firstPauseMs, longestPauseMs);
  #child: ChildProcess | null = null;
  #supervision: Promise<void> = Promise.resolve();

  private constructor(
    private readonly spec: ProcessSpec,
    private readonly print: (line: string) => void,
  ) {}

  /**
   * @param print receives a line for the user at every restart.
   * @throws what the first start throws.
   */
  static async start(spec: ProcessSpec, print: (line: string) => void): Promise<SupervisedProcess> {
    const supervised = new SupervisedProcess(spec, print);
    supervised.#child = await spec.start();
    supervised.#supervision = supervised.#supervise();
    return supervised;
  }

  get name(): string {
    return this.spec.name;
  }

  /** Null while the process is down. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Resolves when the process has ended; it is not restarted. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#child) await this.spec.stop(this.#child);
    await this.#supervision;
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const startedAt = Date.now();
      const reason = await this.#ended();
      if (signal.aborted) return;
      if (Date.now() - startedAt > healthyMs) this.#backoff.reset();
      const pauseMs = this.#backoff.next();
      this.print(`${this.spec.name} ended (${reason}); restarting it in ${pauseMs / 1000} s`);
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
      if (!signal.aborted) await this.#restart();
    }
  }

  async #restart(): Promise<void> {
    try {
      this.#child = await this.spec.start();
      // A stop that was requested during the start found no child to stop.
      if (this.#stopping.signal.aborted) await this.spec.stop(this.#child);
    } catch (error) {
      this.#child = null;
      this.print(error instanceof Error ? error.message : String(error));
    }
  }

  /** Resolves with the exit code or signal when the process has ended. */
  async #ended(): Promise<string> {
    const child = this.#child;
    if (!child) return 'it did not start';
    if (!hasEnded(child)) await new Promise((resolve) => child.once('exit', resolve));
    return child.signalCode ?? `exit code ${child.exitCode}`;
  }
}
