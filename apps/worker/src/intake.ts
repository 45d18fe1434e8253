import { Loop } from '@trainyard/process';
import type { Consumer } from '@trainyard/queue';
import type { Logger } from 'pino';

const checkMs = 2000;
/** After an error of this worker, another worker gets the job's next attempt, if there is one. */
const restMs = 5000;

/**
 * Whether this worker takes jobs: not while a folder that every job needs cannot be used, and not right after an error
 * of its own. A worker that took jobs then would fail them one after the other, faster than any that trains.
 */
export class Intake {
  readonly #loop: Loop;
  #consumer: Consumer | null = null;
  #reason: string | null = null;
  #restUntil = 0;

  /** @param folderFault what is wrong with the folders; null: nothing. */
  constructor(
    private readonly folderFault: () => Promise<string | null>,
    private readonly logger: Logger,
  ) {
    this.#loop = new Loop('folder check', checkMs, () => this.#update(), logger);
  }

  start(consumer: Consumer): void {
    this.#consumer = consumer;
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Why it takes no jobs; null: it takes them. */
  get reason(): string | null {
    return this.#reason;
  }

  /** Checked before each job. */
  async mayTake(): Promise<boolean> {
    await this.#update();
    return this.#reason === null;
  }

  /** Takes no job for some seconds. */
  async rest(): Promise<void> {
    this.#restUntil = performance.now() + restMs;
    await this.#update();
  }

  async #update(): Promise<void> {
    const fault = await this.folderFault();
    const reason = fault ?? (performance.now() < this.#restUntil ? 'it rests after an error of its own' : null);
    if (reason === this.#reason) return;
    const before = this.#reason;
    this.#reason = reason;
    if (reason !== null) this.logger.error({ reason }, 'this worker takes no jobs');
    else this.logger.info('this worker takes jobs again');
    if (before === null) await this.#consumer?.pause();
    else if (reason === null) await this.#consumer?.resume();
  }
}
