import { philox } from '@trainyard/program';

/** What random numbers are drawn for; each purpose has a stream of its own. */
export const purposes = { random: 0x0010_0000, halton: 0x0011_0000, tpe: 0x0012_0000 } as const;

/**
 * Random numbers that depend on nothing but seed, purpose and the number of the trial (Philox4x32-10): a sweep that was
 * killed draws the same ones again.
 */
export class Draws {
  readonly #words = new Uint32Array(4);
  #block = 0;
  #next = 4;

  constructor(
    private readonly seed: number,
    private readonly purpose: number,
    private readonly trial: number,
  ) {}

  /** Evenly in [0, 1), with 32 bits. */
  unit(): number {
    if (this.#next === 4) {
      philox(this.#words, 0, this.seed, this.purpose, this.#block++, this.trial);
      this.#next = 0;
    }
    return (this.#words[this.#next++] as number) * 2 ** -32;
  }

  /** A whole number from 0 to count - 1. */
  below(count: number): number {
    return Math.floor(this.unit() * count);
  }

  /** Standard normal (Box and Muller 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
  }
}
