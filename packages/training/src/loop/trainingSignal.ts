/** Why a training is stopped before its end. */
export type Interruption = 'cancel' | 'suspend';

/** Thrown between two steps after an interruption was requested; `train` turns it into the last message. */
export class Interrupted extends Error {
  constructor(readonly interruption: Interruption) {
    super(`interrupted: ${interruption}`);
  }
}

/**
 * Stops a training. Both requests abort the executor's run between two steps; a cancellation takes precedence over a
 * suspension, whichever came first.
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

  /** Passed to the executor's runs. */
  get abortSignal(): AbortSignal {
    return this.#controller.signal;
  }

  /** @throws Interrupted where something was requested. */
  throwIfRequested(): void {
    if (this.#requested) throw new Interrupted(this.#requested);
  }
}
