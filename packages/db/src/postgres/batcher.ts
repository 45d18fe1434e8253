/** A call that is waiting for its batch. */
type Call<In, Out> = { input: In; resolve: (output: Out) => void; reject: (error: unknown) => void };

export type BatcherOptions = {
  /** Maximum number of calls in one batch. */
  size: number;
  /** Maximum number of batches that run at the same time. */
  lanes: number;
};

/**
 * Joins calls that arrive at the same time, or while earlier batches are running, so that many cost little more than
 * one. A call that arrives alone starts at once. A batch starts after all of its calls, so what it reads is never older
 * than they are.
 */
export class Batcher<In, Out> {
  #waiting: Call<In, Out>[] = [];
  #running = 0;
  #scheduled = false;

  /** @param run returns an output for each input, in the same order; an Error in its place fails that call alone. */
  constructor(
    private readonly run: (inputs: In[]) => Promise<(Out | Error)[]>,
    private readonly options: BatcherOptions,
  ) {}

  call(input: In): Promise<Out> {
    const { promise, resolve, reject } = withResolvers<Out>();
    this.#waiting.push({ input, resolve, reject });
    this.#schedule();
    return promise;
  }

  /** Starts at the end of this turn of the event loop: more calls may arrive in it, as sockets are read together. */
  #schedule(): void {
    if (this.#scheduled || this.#running >= this.options.lanes) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#start();
    });
  }

  async #start(): Promise<void> {
    const calls = this.#waiting.splice(0, this.options.size);
    if (calls.length === 0) return;
    this.#running += 1;
    if (this.#waiting.length > 0) this.#schedule();
    try {
      const outputs = await this.run(calls.map(({ input }) => input));
      calls.forEach(({ resolve, reject }, i) => {
        const output = outputs[i];
        if (output instanceof Error) reject(output);
        else resolve(output as Out);
      });
    } catch (error) {
      for (const { reject } of calls) reject(error);
    } finally {
      this.#running -= 1;
      if (this.#waiting.length > 0) this.#schedule();
    }
  }
}

/** Promise.withResolvers, which Node 20 does not have. */
function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
