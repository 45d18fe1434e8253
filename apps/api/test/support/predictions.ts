import type { TestPredictions, TestResults } from '@trainyard/contracts';
import { metricsOf, resultsOf, startJob } from './jobs.js';
import { classes, type Service } from './service.js';

/** Predictions of the 200 test images of the service's dataset, whose labels are the classes in turn. */
export function predictionsOf(
  datasetDigest: string,
  guess: (image: number, label: number) => number,
  confidence: (image: number) => number = () => 30_000,
): TestPredictions {
  const labels = Uint16Array.from({ length: 200 }, (_, i) => i % classes.length);
  const predicted = labels.map((label, i) => guess(i, label));
  const confidences = labels.map((_, i) => confidence(i));
  const labelProbabilities = labels.map((label, i) =>
    predicted[i] === label ? Number(confidences[i]) : Math.floor((65_535 - Number(confidences[i])) / 2),
  );
  return { datasetDigest, labels, predicted, confidences, labelProbabilities };
}

/** The overall numbers of a test that follow from its predictions. */
export function resultsWith(predictions: TestPredictions | null, correct = 120): TestResults {
  const { labels, predicted } = predictions ?? { labels: [], predicted: [] };
  const hits = predictions === null ? correct : [...labels].filter((label, i) => label === predicted[i]).length;
  return { ...resultsOf(120), correct: hits, accuracy: hits / 200 };
}

/** Runs a job to its end, with these predictions. */
export async function testedJob(service: Service, predictions: TestPredictions | null, changes: object = {}) {
  const { jobId, token } = await startJob(service, changes);
  for (const epoch of [1, 2]) await service.db.attempts.epoch(token, metricsOf(epoch), null);
  await service.db.attempts.succeed(token, { ...resultsWith(predictions), predictions });
  return jobId;
}

export async function digestOf({ datasets }: Pick<Service, 'datasets'>): Promise<string> {
  const dataset = await datasets.shared.find('cifar10', 3);
  if (!dataset) throw new Error('there is no dataset cifar10');
  return dataset.digest;
}
