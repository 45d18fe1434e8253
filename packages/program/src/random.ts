import type { ResizedCrop } from './ops/fields.js';

/**
 * Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 * A draw depends only on (seed, stream, step, element), so every executor computes the same bits, from any step on and
 * in any order.
 *
 * key = (seed, stream); counter = (floor(element / 4), step, block, 0); the draw is word `element % 4`.
 */

/** One stream for each purpose; the ordinal of a weight or dropout layer is added to the first two. */
export const streams = {
  initialWeights: 0x0001_0000,
  dropout: 0x0002_0000,
  augmentation: 0x0003_0000,
  epochOrder: 0x0004_0000,
  split: 0x0005_0000,
  mixing: 0x0006_0000,
} as const;

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0;
}

/**
 * Ten rounds over a 128-bit counter; writes four unsigned 32-bit words into `out` at `offset`. Only the known-answer
 * test sets counter3.
 */
export function philox(
  out: Uint32Array,
  offset: number,
  seed: number,
  stream: number,
  counter0: number,
  step: number,
  block = 0,
  counter3 = 0,
): void {
  let [c0, c1, c2, c3] = [counter0 >>> 0, step >>> 0, block >>> 0, counter3 >>> 0];
  let [k0, k1] = [seed >>> 0, stream >>> 0];
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(M0, c0);
    const low0 = Math.imul(M0, c0) >>> 0;
    const high1 = multiplyHigh(M1, c2);
    const low1 = Math.imul(M1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  out[offset] = c0;
  out[offset + 1] = c1;
  out[offset + 2] = c2;
  out[offset + 3] = c3;
}

/** Draws 0 … count-1 as unsigned 32-bit words. */
export function randomWords(count: number, seed: number, stream: number, step: number): Uint32Array {
  const words = new Uint32Array(Math.ceil(count / 4) * 4);
  for (let i = 0; i < words.length; i += 4) philox(words, i, seed, stream, i / 4, step);
  return words.subarray(0, count);
}

/** A word as a float in [0, 1): its upper 24 bits times 2^-24, exact in fp32. */
export const toUnit = (word: number): number => (word >>> 8) * 2 ** -24;

/**
 * The augmentation of one image of a batch, from words a of block 0 and b of block 1, with counter0 = position in the
 * batch. flip: top bit of a[0]; shifts: a[1] (x) and a[2] (y) over -t … t; cutout's centre: b[0] (x) and b[1] (y);
 * its square begins floor(side / 2) before the centre and is clipped at the borders. The crop has its draws in block
 * 3: area, ratio, and the place across and down; the jitter in block 4: brightness, contrast, saturation, hue. An
 * alternating flip is one draw for the whole run: the top bit of word 0 of block 2 with counter0 = index of the image
 * in its split and step 0, inverted in odd epochs.
 */
export const augmentationDraws = {
  flip: (a0: number): boolean => a0 >>> 31 === 1,
  shift: (word: number, translate: number): number => Math.floor(toUnit(word) * (2 * translate + 1)) - translate,
  centre: (word: number, size: number): number => Math.floor(toUnit(word) * size),
  /** From 1 - value to 1 + value. */
  factor: (word: number, value: number): number => 1 - value + 2 * value * toUnit(word),
  /** From -value to value, in turns of the colour wheel. */
  turn: (word: number, value: number): number => value * (2 * toUnit(word) - 1),
  crop(words: ArrayLike<number>, bounds: ResizedCrop, height: number, width: number): Box {
    const [area, ratio, across, down] = Array.from({ length: 4 }, (_, i) => toUnit(words[i] as number)) as Draws;
    const { leastScale, mostScale, leastRatio, mostRatio } = bounds;
    const pixels = (leastScale + (mostScale - leastScale) * area) * height * width;
    const logRatio = Math.log(leastRatio) + (Math.log(mostRatio) - Math.log(leastRatio)) * ratio;
    const drawn = Math.exp(logRatio);
    const side = (length: number, most: number) => Math.min(most, Math.max(1, Math.floor(length + 0.5)));
    const box = { height: side(Math.sqrt(pixels / drawn), height), width: side(Math.sqrt(pixels * drawn), width) };
    const left = Math.floor(across * (width - box.width + 1));
    return { top: Math.floor(down * (height - box.height + 1)), left, ...box };
  },
};

type Draws = [area: number, ratio: number, across: number, down: number];

/** A rectangle of an image, in whole pixels. */
export interface Box {
  top: number;
  left: number;
  height: number;
  width: number;
}

/**
 * Where a row (or column) of an enlarged crop is in its image: between `low` and `high`, `share` of the way. The centre
 * of pixel i of `size` is at (i + 1/2) length / size of the crop, and pixels beyond its border are its border's, as in
 * PyTorch's bilinear `interpolate`.
 */
export function samplePlace(i: number, size: number, start: number, length: number) {
  const place = Math.min(Math.max(((i + 0.5) * length) / size - 0.5, 0), length - 1);
  const low = Math.floor(place);
  return { low: start + low, high: start + Math.min(low + 1, length - 1), share: place - low };
}

/** A permutation of 0 … count-1 (Fisher and Yates), driven by (seed, stream, step). */
export function permutation(count: number, seed: number, stream: number, step: number): Int32Array {
  const order = new Int32Array(count);
  const words = randomWords(count, seed, stream, step);
  for (let i = 0; i < count; i++) {
    // Inside-out variant; the bias of a product with a 32-bit word is below 2^-32 count.
    const j = Math.floor(((words[i] as number) / 2 ** 32) * (i + 1));
    order[i] = order[j] as number;
    order[j] = i;
  }
  return order;
}
