import type { TestPredictions } from '@trainyard/contracts';

/**
 * Which labels one run suspects, by confident learning (Northcutt, Jiang, Chuang: Confident Learning: Estimating
 * Uncertainty in Dataset Labels, JAIR 70, 2021, equations 1 and 2): the threshold of a class is the mean probability of
 * that class over the images that are labelled so; an image counts as one of class j where its probability of j
 * reaches the threshold of j. Of each image only the largest probability and that of its label are stored, so an image
 * whose largest probability is below its class's threshold is never suspected, even if another class reaches its own.
 * @returns 1 for each suspected image, [images]
 */
export function suspectedLabels(
  { labels, predicted, confidences, labelProbabilities }: Omit<TestPredictions, 'datasetDigest'>,
  classes: number,
): Uint8Array {
  const sums = new Float64Array(classes);
  const counts = new Float64Array(classes);
  labels.forEach((label, i) => {
    sums[label] = Number(sums[label]) + Number(labelProbabilities[i]);
    counts[label] = Number(counts[label]) + 1;
  });
  // A class without images has no threshold: 0 / 0, which no probability reaches.
  const thresholds = sums.map((sum, k) => sum / Number(counts[k]));
  return Uint8Array.from(labels, (label, i) => {
    const guess = Number(predicted[i]);
    return guess !== label && Number(confidences[i]) >= Number(thresholds[guess]) ? 1 : 0;
  });
}
