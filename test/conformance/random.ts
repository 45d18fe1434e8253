import { randomWords, toUnit } from '@trainyard/program';

/** Test data: the same on every machine and in every run. */
export class Random {
  #stream = 0;

  constructor(readonly seed: number) {}

  /** Evenly in [-1, 1). */
  floats(count: number): Float32Array {
    return Float32Array.from(this.#words(count), (word) => 2 * toUnit(word) - 1);
  }

  /** Multiples of 1/4 in [-1, 1): many are equal, as after a relu. */
  coarse(count: number): Float32Array {
    return this.floats(count).map((value) => Math.floor(value * 4) / 4);
  }

  /** In [0, below). */
  integers(count: number, below: number): Int32Array {
    return Int32Array.from(this.#words(count), (word) => word % below);
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from(this.#words(count), (word) => word >>> 24);
  }

  #words(count: number): Uint32Array {
    return randomWords(count, this.seed, this.#stream++, 0);
  }
}
