import type { JobSpec } from '@trainyard/contracts';
import { philox, streams, toUnit } from '@trainyard/program';

/**
 * How the images of `count` batches from step `first` on (counted from 0 since the beginning of the run) are blended,
 * f32 [count, 6]: [keep, share, top, left, height, width], see the op mixImages.
 *
 * The draws of a step are words of Philox with the spec's seed, the stream `mixing` and this step. Of block 0: word 0
 * chooses where both methods are used, cutmix where its top bit is set; words 1 and 2 are the centre of cutmix's box, y
 * and x. Block t = 1, 2, ... has the t-th trial of lambda in its words 0 and 1; see `betaDraw`.
 */
export function mixings(
  { augmentation, seed }: Pick<JobSpec, 'augmentation' | 'seed'>,
  [height, width]: readonly [number, number, number],
  first: number,
  count: number,
): Float32Array {
  const { mixup, cutmix } = augmentation;
  const values = Array.from({ length: count }, (_, i) => {
    const block = (t: number): Block => {
      const words = new Uint32Array(4);
      philox(words, 0, seed, streams.mixing, t, first + i);
      return words as unknown as Block;
    };
    const [choice, y, x] = block(0);
    const cuts = mixup === null || (cutmix !== null && choice >>> 31 === 1);
    if (cutmix && cuts) return cutmixOf(betaDraw(cutmix.alpha, block), toUnit(y), toUnit(x), height, width);
    const lambda = mixup ? betaDraw(mixup.alpha, block) : 1;
    return [lambda, lambda, 0, 0, height, width];
  });
  return Float32Array.from(values.flat());
}

type Block = readonly [number, number, number, number];

/** The box and the shares, with the rounding of the paper's program. `y`, `x` in [0, 1). */
function cutmixOf(lambda: number, y: number, x: number, height: number, width: number): number[] {
  const side = Math.sqrt(1 - lambda);
  const [top, bottom] = extent(Math.floor(y * height), Math.floor(height * side), height);
  const [left, right] = extent(Math.floor(x * width), Math.floor(width * side), width);
  const share = 1 - ((bottom - top) * (right - left)) / (height * width);
  return [0, share, top, left, bottom - top, right - left];
}

const extent = (centre: number, length: number, size: number): [from: number, to: number] => [
  Math.max(0, centre - Math.floor(length / 2)),
  Math.min(size, centre + Math.floor(length / 2)),
];

/**
 * A draw from Beta(alpha, alpha) by Johnk's algorithm (1964): u and v are words 0 and 1 of a trial's block as numbers
 * in [0, 1); the first trial with 0 < u^(1/alpha) + v^(1/alpha) <= 1 gives the first term divided by the sum.
 */
export function betaDraw(alpha: number, block: (trial: number) => Block): number {
  for (let trial = 1; ; trial++) {
    const [u, v] = block(trial);
    const [a, b] = [toUnit(u) ** (1 / alpha), toUnit(v) ** (1 / alpha)];
    if (a + b > 0 && a + b <= 1) return a / (a + b);
  }
}
