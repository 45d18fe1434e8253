import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between the turns of a task that was woken while it ran. */
const gatherMs = 25;

/** The part of a logger (pino's) that is needed here. */
export type Logger = {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
};

/**
 * Does a task again and again: `intervalMs` after it last ended, or at once when woken, or soon after where it was running
 * then; never twice at a time. A task
 * that fails is tried again at the next turn; the log tells the first failure of a row, and its end.
 */
export class Loop {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = true;
  #failing = false;

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
    // What came while the task runs may have come too late for it.
    if (this.#running) this.#again = true;
    else this.#running = this.#turn();
  }

  /** Resolves when the task is not running, and will not again. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #turn(): Promise<void> {
    clearTimeout(this.#timer);
    for (;;) {
      this.#again = false;
      await this.#attempt();
      if (!this.#again || this.#stopped || this.#failing) break;
      // Where it is woken all the time, a turn for many costs little more than one for each.
      await sleep(gatherMs);
    }
    this.#running = null;
    if (!this.#stopped) this.#timer = setTimeout(() => this.wake(), this.intervalMs);
  }

  async #attempt(): Promise<void> {
    try {
      await this.task();
      if (this.#failing) this.logger.info({ loop: this.name }, `${this.name} works again`);
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.logger.warn({ loop: this.name, err: error }, `${this.name} failed; trying again`);
      this.#failing = true;
    }
  }
}
