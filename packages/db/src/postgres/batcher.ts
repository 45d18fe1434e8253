/** A call that waits for its batch. */
type Call<In, Out> = { input: In; resolve: (output: Out) => void; reject: (error: unknown) => void };

export type BatcherOptions = {
  /** Calls of one batch at most. */
  size: number;
  /** Batches under way at the same time at most. */
  lanes: number;
};

/**
 * Joins calls that come at the same time, or while the batches before are under way, so that many cost little more than
 * one; a call that comes alone waits for nobody. A batch begins after all its calls were made, so what it reads is no
 * older than they are.
 */
export class Batcher<In, Out> {
  #waiting: Call<In, Out>[] = [];
  #underWay = 0;
  #scheduled = false;

  /** @param run gives an output for each input, in their order; an Error in its place fails that call alone. */
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

  /** At the end of this turn of the event loop, in which more calls may come: they were read off sockets together. */
  #schedule(): void {
    if (this.#scheduled || this.#underWay >= this.options.lanes) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#start();
    });
  }

  async #start(): Promise<void> {
    const calls = this.#waiting.splice(0, this.options.size);
    if (calls.length === 0) return;
    this.#underWay += 1;
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
      this.#underWay -= 1;
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
