/** Which images of a test a run gets right, a bit each: `image % 32` of element `image / 32`. */
export type Hits = Uint32Array;

/** @param labels the true classes, and `predicted` those of the run; [images] */
export function hitsOf(labels: Uint16Array, predicted: Uint16Array): Hits {
  const hits = new Uint32Array(Math.ceil(labels.length / 32));
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === predicted[i]) hits[i >>> 5] = Number(hits[i >>> 5]) | (1 << (i & 31));
  }
  return hits;
}

/** Number of images that run a alone, and run b alone, gets right. */
export function discordant(a: Hits, b: Hits): { onlyA: number; onlyB: number } {
  let onlyA = 0;
  let onlyB = 0;
  for (let i = 0; i < a.length; i++) {
    onlyA += bitsIn(Number(a[i]) & ~Number(b[i]));
    onlyB += bitsIn(Number(b[i]) & ~Number(a[i]));
  }
  return { onlyA, onlyB };
}

/** Number of bits that are set among 32: in pairs, in fours, in bytes, then added by a multiplication. */
function bitsIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
