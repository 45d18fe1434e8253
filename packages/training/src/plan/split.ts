import type { DatasetChoice } from '@trainyard/contracts';
import { permutation, streams } from '@trainyard/program';

/** Indices into the images that are stored as `train`; the two parts share no image. */
export interface TrainingSplit {
  train: Int32Array;
  validation: Int32Array;
}

/**
 * Splits the images that are stored as `train` into those for training and those for validation. As files may be sorted
 * by class, both parts come from one shuffle, by the choice's seed; only `head` takes the first images as stored.
 * @param labels class of each stored image, i32 [n]
 * @param sizes number of images of each part; together at most n
 * @param provided how many of the last stored images the dataset itself has for validation
 */
export function splitImages(
  labels: Int32Array,
  choice: Pick<DatasetChoice, 'validationSplit' | 'splitSeed'>,
  sizes: { train: number; validation: number },
  provided = 0,
): TrainingSplit {
  const shuffled = permutation(labels.length, choice.splitSeed, streams.split, 0);
  const used = sizes.train + sizes.validation;
  switch (choice.validationSplit) {
    case 'shuffled':
      return cut(shuffled.subarray(0, used), sizes.validation);
    case 'head':
      return cut(shuffled.slice(0, used).sort(), sizes.validation);
    case 'stratified': {
      const [kept] = takeShares(shuffled, labels, used);
      const [validation, train] = takeShares(kept, labels, sizes.validation);
      return { train, validation };
    }
    case 'provided': {
      const first = labels.length - provided;
      return {
        train: shuffled.filter((index) => index < first).slice(0, sizes.train),
        validation: shuffled.filter((index) => index >= first).slice(0, sizes.validation),
      };
    }
  }
}

const cut = (indices: Int32Array, validation: number): TrainingSplit => ({
  validation: indices.slice(0, validation),
  train: indices.slice(validation),
});

/** The first images of every class, `count` in total and the same share of each class; and the rest, in their order. */
function takeShares(indices: Int32Array, labels: Int32Array, count: number): [taken: Int32Array, rest: Int32Array] {
  const labelOf = (index: number) => labels[index] as number;
  const quota = apportion(countLabels(indices, labelOf), count);
  const take = (index: number) => {
    const left = quota.get(labelOf(index)) as number;
    quota.set(labelOf(index), left - 1);
    return left > 0;
  };
  const isTaken = Array.from(indices, take);
  return [indices.filter((_, i) => isTaken[i]), indices.filter((_, i) => !isTaken[i])];
}

function countLabels(indices: Int32Array, labelOf: (index: number) => number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const index of indices) counts.set(labelOf(index), (counts.get(labelOf(index)) ?? 0) + 1);
  return counts;
}

/**
 * Distributes `count` seats among classes by their sizes, with the method of the largest remainders (Hamilton). Ties go
 * to the class with the lower label.
 */
function apportion(sizes: Map<number, number>, count: number): Map<number, number> {
  const total = [...sizes.values()].reduce((a, b) => a + b, 0);
  const shares = [...sizes].map(([label, size]) => {
    const exact = total === 0 ? 0 : (size * count) / total;
    return { label, seats: Math.floor(exact), remainder: exact - Math.floor(exact) };
  });
  const left = count - shares.reduce((sum, share) => sum + share.seats, 0);
  shares.sort((a, b) => b.remainder - a.remainder || a.label - b.label);
  return new Map(shares.map((share, i) => [share.label, share.seats + (i < left ? 1 : 0)]));
}
