/** A queue for one reader, in order: the reader gets all pushed values and then the end, or an error. */
export class MessageQueue<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = [];
  #over: { error: Error | null } | null = null;
  #wake: (() => void) | null = null;

  push(value: T): void {
    this.#waiting.push(value);
    this.#wake?.();
  }

  end(): void {
    this.#over ??= { error: null };
    this.#wake?.();
  }

  /** The reader gets what was pushed before, then the error. */
  fail(error: Error): void {
    this.#over ??= { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else if (this.#over?.error) throw this.#over.error;
      else if (this.#over) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
