import { permutation, type SlotData, slotNames, streams } from '@trainyard/program';

/** Feeds by slot name, each `[steps, ...shape]`. */
export type Feeds = Record<string, SlotData>;

/** The images of one epoch in the order in which they train: each of `images` once. i32 [n] */
export function epochOrder(images: Int32Array, seed: number, epoch: number): Int32Array {
  return permutation(images.length, seed, streams.epochOrder, epoch).map((position) => images[position] as number);
}

/** Step counters `first … first + count - 1`, i32 [count]. */
export function stepNumbers(first: number, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => first + i);
}

/** Feeds of `count` training steps: whole batches of `order` from position `from` on. */
export function trainFeeds(
  order: Int32Array,
  from: number,
  batchSize: number,
  firstStep: number,
  rates: Float32Array,
): Feeds {
  return {
    [slotNames.indices]: order.subarray(from, from + rates.length * batchSize),
    [slotNames.learningRate]: rates,
    [slotNames.step]: stepNumbers(firstStep, rates.length),
  };
}
