import type { JobSpec } from '@trainyard/contracts';

/**
 * The factor of each class in the training loss, in the order of the classes; null: 1. `balanced` is n / (k count), as
 * scikit-learn's compute_class_weight, with k the number of classes that have images; their mean over the images is 1.
 * A class without training images has the factor 1, which matters only with label smoothing.
 * @param labels class of each stored image, i32
 * @param images indices of the training images
 */
export function classWeightsOf(
  weights: JobSpec['loss']['classWeights'],
  classes: readonly string[],
  labels: Int32Array,
  images: Int32Array,
): number[] | null {
  if (weights === null) return null;
  if (weights !== 'balanced') return classes.map((name) => (Object.hasOwn(weights, name) ? (weights[name] ?? 1) : 1));
  const counts = classes.map(() => 0);
  for (const image of images) {
    const label = labels[image] as number;
    counts[label] = (counts[label] as number) + 1;
  }
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count > 0 ? images.length / (present * count) : 1));
}
