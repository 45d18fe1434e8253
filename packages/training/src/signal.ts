/** What a trainer may be asked to do before it is done. */
export type Interruption = 'cancel' | 'suspend';

/** Thrown between two steps where an interruption was asked for; `train` turns it into the last message. */
export class Interrupted extends Error {
  constructor(readonly interruption: Interruption) {
    super(`interrupted: ${interruption}`);
  }
}

/**
 * How the owner of a training stops it. Both requests abort the executor's run between two steps; a cancellation wins
 * over a suspension, whichever came first.
 */
export class TrainingSignal {
  #requested: Interruption | null = null;
  readonly #controller = new AbortController();

  /** End without a checkpoint. */
  requestCancel(): void {
    this.#requested = 'cancel';
    this.#controller.abort();
  }

  /** Finish the step, write a checkpoint, end. */
  requestSuspend(): void {
    this.#requested ??= 'suspend';
    this.#controller.abort();
  }

  get requested(): Interruption | null {
    return this.#requested;
  }

  /** For the executor's runs. */
  get abortSignal(): AbortSignal {
    return this.#controller.signal;
  }

  /** @throws Interrupted where something was requested. */
  throwIfRequested(): void {
    if (this.#requested) throw new Interrupted(this.#requested);
  }
}
