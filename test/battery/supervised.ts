import { setTimeout as sleep } from 'node:timers/promises';
import { NodeProcess, type scripts } from '../harness/processes.js';

/** How long a process may take to end after SIGTERM: fifteen seconds, and some for two cores that are busy. */
const gracefulMs = 20_000;

/** Starts a process again whenever it has ended, as systemd does, and notes every end that nobody asked for. */
export class Supervised {
  readonly past: NodeProcess[] = [];
  /** What no process should do. */
  readonly complaints: string[] = [];
  /** Stopped by SIGSTOP, to go on later. */
  frozen = false;
  #current: NodeProcess | null = null;
  #isReady = false;
  #asked = false;
  #stopping = false;
  #restartMs = 0;
  readonly #running: Promise<void>;

  constructor(
    readonly name: string,
    private readonly script: keyof typeof scripts,
    private readonly ready: RegExp,
    private readonly env: () => NodeJS.ProcessEnv,
  ) {
    this.#running = this.#run();
  }

  /** The process, where one is at work. */
  get process(): NodeProcess | null {
    return this.#isReady ? this.#current : null;
  }

  /** Whether the process was told to end. */
  get ending(): boolean {
    return this.#asked;
  }

  /** Kills the process; the next is started after `restartMs`. */
  kill(restartMs: number): void {
    this.#ask(restartMs);
    this.#current?.signal('SIGKILL');
  }

  /** Tells the process to stop, and complains where it does not in time. */
  async terminate(restartMs: number): Promise<string> {
    this.#ask(restartMs);
    const process = this.#current;
    if (!process) return 'not there';
    const begin = performance.now();
    process.signal('SIGTERM');
    const overdue = new AbortController();
    const late = sleep(gracefulMs, 'late' as const, { signal: overdue.signal }).catch(() => 'late' as const);
    const end = await Promise.race([process.exited, late]);
    overdue.abort();
    if (end === 'late') {
      this.complaints.push(`${this.name} did not end within ${gracefulMs / 1000} s after SIGTERM`);
      process.signal('SIGKILL');
    }
    return `ended with ${end} after ${Math.round(performance.now() - begin)} ms`;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.terminate(0);
    await this.#running;
  }

  #ask(restartMs: number): void {
    this.#asked = true;
    this.#restartMs = restartMs;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const process = new NodeProcess(this.script, [], this.env());
      this.#current = process;
      this.#asked = false;
      this.past.push(process);
      const isReady = await process.line(this.ready, 60_000).then(
        () => true,
        () => false,
      );
      this.#isReady = isReady;
      const end = await process.exited;
      this.#isReady = false;
      // One that could not start, as its servers were away, is just started again.
      if (isReady && !this.#asked) this.complaints.push(`${this.name} ended by itself with ${end}`);
      await sleep(this.#asked ? this.#restartMs : 300);
    }
  }
}
