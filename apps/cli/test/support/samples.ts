import {
  type EpochMetrics,
  type Job,
  type JobEvent,
  jobSchema,
  jobSpecSchema,
  type ResultRow,
  type TestResults,
} from '@trainyard/contracts';

export const jobId = 'job_01jd8q9r5tf6m7n8p9qrstvwxy';

export const makeJob = (fields: Partial<Job> = {}): Job =>
  jobSchema.parse({
    id: jobId,
    state: 'succeeded',
    terminal: true,
    name: null,
    experiment: 'default',
    tags: [],
    notes: '',
    priority: 0,
    architecture: 'lenet',
    parameters: 62_006,
    dataset: 'cifar10',
    datasetVersion: 1,
    datasetDigest: 'd'.repeat(64),
    spec: { ...jobSpecSchema.parse({ architecture: 'lenet' }), seed: 7 },
    createdAt: '2026-11-23T22:36:26.000Z',
    startedAt: '2026-11-23T22:36:27.000Z',
    finishedAt: '2026-11-23T22:38:32.000Z',
    trainingSeconds: 125,
    attempt: 1,
    maxAttempts: 3,
    executor: { name: 'native', device: 'cpu', threads: 2, version: 'oneDNN 2.6.3' },
    progress: null,
    queuePosition: null,
    best: { epoch: 12, validationLoss: 1.1234, validationAccuracy: 0.602 },
    test: { loss: 1.1543, accuracy: 0.6014, accuracyAugmented: null, correct: 6014, total: 10_000, partial: false },
    failure: null,
    ...fields,
  });

export const makeEpoch = (fields: Partial<EpochMetrics> = {}): EpochMetrics => ({
  epoch: 3,
  trainLoss: 1.43214,
  trainAccuracy: 0.481,
  validationLoss: 1.39871,
  validationAccuracy: 0.489,
  learningRate: 0.01,
  trainSeconds: 5.05,
  validationSeconds: 0.4,
  imagesPerSecond: 7911.6,
  stepMilliseconds: 2.528,
  executor: 'native',
  device: 'cpu',
  best: true,
  ...fields,
});

export const makeEvent = (sequence: number, type: JobEvent['type'], data: Record<string, unknown> = {}): JobEvent => ({
  sequence,
  type,
  at: '2026-11-23T22:36:27.000Z',
  attempt: 1,
  data,
});

const classes = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

/** Ten classes; 705 of 1000 airplanes right, 183 cats taken for dogs, one truck for an automobile, no deer at all. */
export function makeResults(): TestResults {
  const correct = [705, 1000, 402, 421, 0, 555, 743, 700, 800, 999];
  const confusion = classes.map((_, i) => classes.map((_, j) => (i === j ? (correct[i] as number) : 0)));
  const put = (from: number, to: number, count: number) => {
    (confusion[from] as number[])[to] = count;
  };
  put(3, 5, 183);
  put(2, 4, 150);
  put(9, 1, 1);
  return {
    epoch: 12,
    loss: 1.154321,
    accuracy: 0.6014,
    accuracyAugmented: null,
    correct: 6014,
    total: 10_000,
    top5Accuracy: 0.9531,
    macroF1: 0.5987,
    seconds: 1.2,
    partial: false,
    last: null,
    classes: classes.map((name, i) => {
      const total = i === 4 ? 0 : 1000;
      const accuracy = total ? (correct[i] as number) / total : null;
      return {
        class: name,
        correct: correct[i] as number,
        total,
        accuracy,
        precision: null,
        recall: accuracy,
        f1: null,
      };
    }),
    confusion,
  };
}

export const makeRow = (fields: Partial<ResultRow> = {}): ResultRow => ({
  jobId,
  kind: 'training',
  sourceJobId: null,
  name: null,
  experiment: 'default',
  dataset: 'cifar10',
  datasetVersion: 1,
  architecture: 'lenet',
  parameters: 62_006,
  learningRate: 0.01,
  batchSize: 20,
  epochs: 30,
  optimizer: 'sgd',
  seed: 7,
  splitSeed: 0,
  bestEpoch: 12,
  validationLoss: 1.1234,
  validationAccuracy: 0.602,
  testLoss: 1.1543,
  testAccuracy: 0.6014,
  testAccuracyAugmented: null,
  top5Accuracy: 0.9531,
  macroF1: 0.5987,
  partial: false,
  lastEpoch: null,
  lastTestAccuracy: null,
  trainingSeconds: 11_520,
  executor: 'native',
  finishedAt: '2026-11-23T22:38:32.000Z',
  ...fields,
});
