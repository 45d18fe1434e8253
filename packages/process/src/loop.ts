import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from './logger.js';

/** Milliseconds between two runs of a task that was woken while it ran. */
const gatherMs = 25;

/**
 * Runs a task periodically: `intervalMs` after its last run ended, or at once when woken. A task that is woken while it
 * runs is run again soon after; it never runs twice at the same time. After a failure the task is run again at the next
 * interval. Of consecutive failures only the first is logged, and then the recovery.
 */
export class Loop {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = true;
  #failing = false;

  /** @param name of the task, as log lines show it. */
  constructor(
    readonly name: string,
    readonly intervalMs: number,
    readonly task: () => Promise<void>,
    readonly logger: Logger,
  ) {}

  start(): void {
    this.#stopped = false;
    this.wake();
  }

  wake(): void {
    if (this.#stopped) return;
    // The running task may already have read what the caller has just written, so it has to run once more.
    if (this.#running) this.#again = true;
    else this.#running = this.#runAndSchedule();
  }

  /** Resolves when the task is not running and will not run again. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #runAndSchedule(): Promise<void> {
    clearTimeout(this.#timer);
    for (;;) {
      this.#again = false;
      await this.#attempt();
      if (!this.#again || this.#stopped || this.#failing) break;
      // Under constant wakes, one run for many of them costs little more than a run for each.
      await sleep(gatherMs);
    }
    this.#running = null;
    if (!this.#stopped) this.#timer = setTimeout(() => this.wake(), this.intervalMs);
  }

  async #attempt(): Promise<void> {
    try {
      await this.task();
      if (this.#failing) this.logger.info({ loop: this.name }, `${this.name} recovered`);
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.logger.warn({ loop: this.name, err: error }, `${this.name} failed; retrying`);
      this.#failing = true;
    }
  }
}
