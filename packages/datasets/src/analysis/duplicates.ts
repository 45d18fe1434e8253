import type { Thumbnails } from './thumbnails.js';

/**
 * Bits of the hash that may differ. A pair is found if it has one quarter of the hash in common, as all pairs with up
 * to three such bits have, and most with a few more.
 */
const mostBits = 10;
/**
 * Largest mean difference of normalised gray values. Up to this, all of 61 pairs that it finds in CIFAR-10 are copies
 * of one photo; twice as much finds twice as many pairs, of which one in five is wrong.
 */
const mostDifference = 0.15;
/**
 * Largest difference of one cell. Noise and compression spread over all cells; a small object at another place of an
 * even ground differs in few.
 */
const mostInOneCell = (mean: number): number => 0.15 + 5 * mean;
/** An image with less contrast than this looks like every other such image. */
const leastContrast = 6;
/** Of a quarter that very many images have, only so many are compared, so that the time stays linear. */
const mostCandidates = 256;
const quarters = 4;

export interface Pair {
  /** Index in the second thumbnails. */
  image: number;
  /** Index in the first. */
  of: number;
}

/** The images of `others` that look like one of `images`; each with one of those. */
export function findDuplicates(images: Thumbnails, others: Thumbnails): Pair[] {
  const indexes = Array.from({ length: quarters }, (_, quarter) => new QuarterIndex(images, quarter));
  const pairs: Pair[] = [];
  for (let image = 0; image < others.high.length; image++) {
    const of = lookUp(images, indexes, others, image);
    if (of !== null) pairs.push({ image, of });
  }
  return pairs;
}

function lookUp(images: Thumbnails, indexes: QuarterIndex[], others: Thumbnails, image: number): number | null {
  if (others.contrast(image) < leastContrast) return null;
  for (const index of indexes) {
    for (const candidate of index.candidates(others, image)) {
      if (differingBits(images, candidate, others, image) > mostBits) continue;
      const { mean, largest } = others.difference(image, images, candidate);
      if (mean <= mostDifference && largest <= mostInOneCell(mean)) return candidate;
    }
  }
  return null;
}

/** Groups of images with equal thumbnails but different labels, in order. */
export function findContradictions(images: Thumbnails, labels: ArrayLike<number>): Pair[] {
  const order = Uint32Array.from(images.high, (_, i) => i);
  const hash = (i: number) => (images.high[i] as number) * 2 ** 32 + (images.low[i] as number);
  order.sort((a, b) => hash(a) - hash(b) || a - b);
  const pairs: Pair[] = [];
  for (let i = 1; i < order.length; i++) {
    const image = order[i] as number;
    if (images.contrast(image) < leastContrast) continue;
    for (let j = i - 1; j >= Math.max(0, i - mostCandidates); j--) {
      const of = order[j] as number;
      if (differingBits(images, of, images, image) > 0) break;
      if (labels[of] === labels[image] || images.difference(image, images, of).mean > 0) continue;
      pairs.push({ image, of });
      break;
    }
  }
  return pairs;
}

const quarterOf = ({ high, low }: Thumbnails, quarter: number, image: number): number => {
  const half = (quarter < 2 ? high[image] : low[image]) as number;
  return quarter % 2 === 0 ? half >>> 16 : half & 0xffff;
};

/** The images of each value of one quarter of the hash, by counting. */
class QuarterIndex {
  private readonly starts = new Uint32Array(65_537);
  private readonly images: Uint32Array;

  constructor(
    thumbnails: Thumbnails,
    private readonly quarter: number,
  ) {
    const count = thumbnails.high.length;
    for (let i = 0; i < count; i++) {
      const at = quarterOf(thumbnails, quarter, i) + 1;
      this.starts[at] = (this.starts[at] as number) + 1;
    }
    for (let i = 1; i < this.starts.length; i++) {
      this.starts[i] = (this.starts[i] as number) + (this.starts[i - 1] as number);
    }
    this.images = new Uint32Array(count);
    const next = this.starts.slice();
    for (let i = 0; i < count; i++) {
      const value = quarterOf(thumbnails, quarter, i);
      const at = next[value] as number;
      this.images[at] = i;
      next[value] = at + 1;
    }
  }

  candidates(others: Thumbnails, image: number): Uint32Array {
    const value = quarterOf(others, this.quarter, image);
    const start = this.starts[value] as number;
    return this.images.subarray(start, Math.min(this.starts[value + 1] as number, start + mostCandidates));
  }
}

const differingBits = (a: Thumbnails, i: number, b: Thumbnails, j: number): number =>
  bitCount((a.high[i] as number) ^ (b.high[j] as number)) + bitCount((a.low[i] as number) ^ (b.low[j] as number));

/** Set bits of a 32-bit integer (Hacker's Delight, 5-1). */
function bitCount(value: number): number {
  let bits = value - ((value >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
