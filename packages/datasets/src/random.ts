/** Random numbers by counter: the nth number of an image depends only on its key and n. */
export class RandomStream {
  private counter = 0;

  constructor(private readonly key: number) {}

  /** 32 random bits, unsigned. */
  bits(): number {
    return mix(this.key ^ mix(++this.counter));
  }

  /** From `low` to below `high`. */
  between(low: number, high: number): number {
    return low + ((high - low) * this.bits()) / 2 ** 32;
  }

  /** An integer from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor((this.bits() / 2 ** 32) * limit);
  }

  colour(low: number, high: number): [red: number, green: number, blue: number] {
    return [this.between(low, high), this.between(low, high), this.between(low, high)];
  }

  /** Cosine and sine of a random angle: an angle of one quadrant by the tangent of its half, then a random quadrant. */
  turn(): [number, number] {
    const t = this.between(0, 1);
    const cosine = (1 - t * t) / (1 + t * t);
    const sine = (2 * t) / (1 + t * t);
    const quadrants: [number, number][] = [
      [cosine, sine],
      [-sine, cosine],
      [-cosine, -sine],
      [sine, -cosine],
    ];
    return quadrants[this.below(4)] as [number, number];
  }
}

/** A bijection of 32 bits that spreads each input bit over all (lowbias32, Chris Wellons, 2018). */
export function mix(value: number): number {
  let x = (value + 0x9e3779b9) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
