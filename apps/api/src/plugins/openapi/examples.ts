import type { JobSpecInput, LayerInput } from '@trainyard/contracts';
import type { Json } from './portable.js';

const layers: LayerInput[] = [
  { type: 'conv2d', filters: 16, kernel: 5 },
  { type: 'activation', kind: 'relu' },
  { type: 'maxPool' },
  { type: 'flatten' },
  { type: 'dense', units: 10 },
];
const preset: JobSpecInput = { architecture: 'lenet', recipe: 'tuned', epochs: 2, seed: 7 };
const ownLayers: JobSpecInput = {
  dataset: { name: 'cifar10', limit: 1000 },
  architecture: { layers },
  optimizer: { type: 'adam', weightDecay: 0.0001 },
  schedule: 'cosine',
  learningRate: 0.001,
  epochs: 2,
};

/** Bodies of requests by operationId and name. Tests submit each of them. */
export const bodyExamples: Record<string, Record<string, unknown>> = {
  submitJob: { preset, ownLayers },
  bulkJobs: { cancelQueued: { action: 'cancel', filter: 'state = queued AND tag : night', dryRun: true } },
  editJob: { urgent: { priority: 10, tags: ['night'], notes: 'compare with the run of Monday' } },
  replayJob: { same: {}, otherRate: { changes: { learningRate: 0.02 } } },
  testCheckpoint: {
    same: {},
    other: { dataset: 'cifar10', testAugmentation: 'mirror', name: 'with mirror images', tags: ['checked'] },
  },
  describeArchitecture: { layers: { layers, inputShape: [64, 64, 3], classes: 10 } },
  renameDataset: { rename: { name: 'pets' } },
  createImport: { fromUrl: { url: 'https://data.example.com/pets.zip', name: 'pets', skipBad: true } },
  createBatchPrediction: {
    testSplit: { experiment: 'night', dataset: 'cifar10' },
    upload: { jobId: `job_${'0'.repeat(26)}`, checkpoint: 'last', uploadId: `upl_${'0'.repeat(26)}` },
  },
  storeForeignRun: {
    ofMlflow: {
      source: 'mlflow',
      server: 'http://mlflow.example.com',
      experiment: 'vision',
      runId: '4f1c0e5a1b6f4c0d8f5f0c6f3c0d9a77',
      state: 'succeeded',
      startedAt: '2026-05-31T10:00:00Z',
      finishedAt: '2026-05-31T10:20:00Z',
      params: { lr: '0.01' },
      metrics: [{ key: 'val_loss', steps: [1, 2], times: [1780221600000, 1780221660000], values: [1.2, 0.9] }],
    },
  },
  setProject: { threeTimes: { weight: 3 } },
  createKey: { ofPipeline: { name: 'pipeline', role: 'submitter', limits: { queuedJobs: 100 } } },
};

export interface Body {
  required?: boolean;
  content: Record<string, Record<string, Json>>;
}

/** Adds the examples of an operation to its body of JSON. */
export function withExamples(operationId: string, { content, ...rest }: Body): Body {
  const values = Object.entries(bodyExamples[operationId] ?? {}).map(([name, value]) => [name, { value }]);
  const json = content['application/json'];
  if (!json || values.length === 0) return { content, ...rest };
  return { ...rest, content: { ...content, 'application/json': { ...json, examples: Object.fromEntries(values) } } };
}
