import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded } from './processes.js';

const firstPauseMs = 500;
const longestPauseMs = 30_000;
/** A process that lived this long has got over its trouble. */
const healthyMs = 60_000;

export interface Recipe {
  name: string;
  start(): Promise<ChildProcess>;
  stop(child: ChildProcess): Promise<void>;
}

/** A process that is started again whenever it dies, after a pause that doubles while it keeps dying. */
export class Supervised {
  readonly #stopping = new AbortController();
  #child: ChildProcess | null = null;
  #watching: Promise<void> = Promise.resolve();
  /** How often it was started again. */
  restarts = 0;

  private constructor(
    private readonly recipe: Recipe,
    private readonly say: (line: string) => void,
  ) {}

  /** @throws what the first start throws. */
  static async start(recipe: Recipe, say: (line: string) => void): Promise<Supervised> {
    const supervised = new Supervised(recipe, say);
    supervised.#child = await recipe.start();
    supervised.#watching = supervised.#watch();
    return supervised;
  }

  get name(): string {
    return this.recipe.name;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Resolves when the process has ended and will not be started again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#child) await this.recipe.stop(this.#child);
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    let pause = firstPauseMs / 2;
    while (!signal.aborted) {
      const began = Date.now();
      const how = await this.#end();
      if (signal.aborted) return;
      pause = Date.now() - began > healthyMs ? firstPauseMs : Math.min(2 * pause, longestPauseMs);
      this.say(`${this.recipe.name} ended (${how}); starting it again in ${pause / 1000} s`);
      await sleep(pause, undefined, { signal }).catch(() => {});
      if (!signal.aborted) await this.#startAgain();
    }
  }

  async #startAgain(): Promise<void> {
    try {
      this.restarts += 1;
      this.#child = await this.recipe.start();
      if (this.#stopping.signal.aborted) await this.recipe.stop(this.#child);
    } catch (error) {
      this.#child = null;
      this.say(error instanceof Error ? error.message : String(error));
    }
  }

  /** Resolves when the process has ended, with how it did. */
  async #end(): Promise<string> {
    const child = this.#child;
    if (!child) return 'it did not start';
    if (!hasEnded(child)) await new Promise((resolve) => child.once('exit', resolve));
    return child.signalCode ?? `exit code ${child.exitCode}`;
  }
}
