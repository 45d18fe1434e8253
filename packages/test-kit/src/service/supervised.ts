import { setTimeout as sleep } from 'node:timers/promises';
import { NodeProcess, type ScriptName } from './nodeProcess.js';

/** How long a process may take to end after SIGTERM: its own limit is 15 s; the rest is for two cores that are busy. */
const gracefulMs = 20_000;

/**
 * Starts a process again whenever it has ended, as systemd does, and records every exit that the test did not cause.
 */
export class SupervisedProcess {
  readonly past: NodeProcess[] = [];
  /** Exits that the test did not cause, and shutdowns that took too long. */
  readonly complaints: string[] = [];
  /** Stopped by SIGSTOP; a SIGCONT follows later. */
  frozen = false;
  #current: NodeProcess | null = null;
  #isReady = false;
  #exitIsExpected = false;
  #stopping = false;
  #restartMs = 0;
  readonly #running: Promise<void>;

  constructor(
    readonly name: string,
    private readonly script: ScriptName,
    private readonly ready: RegExp,
    private readonly env: () => NodeJS.ProcessEnv,
  ) {
    this.#running = this.#run();
  }

  /** The process, when it is ready; null while it starts or is down. */
  get process(): NodeProcess | null {
    return this.#isReady ? this.#current : null;
  }

  /** Whether the process has got a signal to end. */
  get ending(): boolean {
    return this.#exitIsExpected;
  }

  /** Kills the process; the next is started after `restartMs`. */
  kill(restartMs: number): void {
    this.#expectExit(restartMs);
    this.#current?.signal('SIGKILL');
  }

  /** Sends SIGTERM and waits. A process that does not end in time is killed and adds a complaint. */
  async terminate(restartMs: number): Promise<void> {
    this.#expectExit(restartMs);
    const process = this.#current;
    if (!process) return;
    process.signal('SIGTERM');
    const overdue = new AbortController();
    const late = sleep(gracefulMs, 'late' as const, { signal: overdue.signal }).catch(() => 'late' as const);
    const end = await Promise.race([process.exited, late]);
    overdue.abort();
    if (end !== 'late') return;
    this.complaints.push(`${this.name} did not end within ${gracefulMs / 1000} s after SIGTERM`);
    process.signal('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.terminate(0);
    await this.#running;
  }

  #expectExit(restartMs: number): void {
    this.#exitIsExpected = true;
    this.#restartMs = restartMs;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const process = new NodeProcess(this.script, [], this.env());
      this.#current = process;
      this.#exitIsExpected = false;
      this.past.push(process);
      const isReady = await process.line(this.ready, 60_000).then(
        () => true,
        () => false,
      );
      this.#isReady = isReady;
      const end = await process.exited;
      this.#isReady = false;
      // A process that could not start because its servers were away is started again without a complaint.
      if (isReady && !this.#exitIsExpected) this.complaints.push(`${this.name} ended by itself with ${end}`);
      await sleep(this.#exitIsExpected ? this.#restartMs : 300);
    }
  }
}
