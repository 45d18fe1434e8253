import {
  type CheckpointManifest,
  completeJobSpecSchema,
  type EpochMetrics,
  type TestResults,
} from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { modelCard } from '../src/index.js';

const manifest: CheckpointManifest = {
  format: 2,
  jobId: 'job_01jzzzzzzzzzzzzzzzzzzzzzzz',
  attempt: 1,
  cursor: { epoch: 90, step: 0, globalStep: 900 },
  metrics: null,
  best: null,
  spec: completeJobSpecSchema.parse({ architecture: 'lenet', seed: 7, notes: 'a secret' }),
  dataset: { name: 'pets', version: 2, digest: 'abc', classes: ['cat|dog', 'a<b>'] },
  inputShape: [48, 64, 1],
  normalization: { mean: [0.5], std: [0.25] },
  codeVersion: '0.1.0',
  createdAt: '2026-01-01T00:00:00.000Z',
  files: [],
};
const epochs = Array.from({ length: 90 }, (_, i) => ({
  epoch: i + 1,
  trainLoss: 1,
  trainAccuracy: 0.5,
  validationLoss: 1.25,
  validationAccuracy: 0.4,
})) as EpochMetrics[];
const results = {
  accuracy: 0.75,
  correct: 3,
  total: 4,
  loss: 0.5,
  top5Accuracy: null,
  macroF1: 0.7,
  partial: false,
  classes: [
    { class: 'cat|dog', correct: 3, total: 3, accuracy: 1, precision: 0.75, recall: 1, f1: 0.8571 },
    { class: 'a<b>', correct: 0, total: 1, accuracy: 0, precision: null, recall: 0, f1: null },
  ],
} as unknown as TestResults;

it('says what a model is, what it was trained on, and how good it is, without what a user may change or hide', () => {
  const card = modelCard({ manifest, dataset: null, epochs, results });
  for (const line of [
    '# lenet on pets',
    'Epoch 90 of job_01jzzzzzzzzzzzzzzzzzzzzzzz, trained by Trainyard 0.1.0.',
    '- Accuracy: 75.00 % (3 of 4 test images)',
    '- Licence: not known to Trainyard; ask its owner',
    '| cat\\|dog | 3 | 3 | 0.7500 | 1.0000 | 0.8571 |',
    '| a\\<b\\> | 0 | 1 | N/A | 0.0000 | N/A |',
    '| 90 | 1.0000 | 50.00 % | 1.2500 | 40.00 % |',
    '  "architecture": "lenet",',
  ])
    expect(card.split('\n')).toContain(line);
  expect(card).toContain('images of 64x48 pixels with one channel into 2 classes');
  expect(card.match(/^\| \d+ \| 1\.0000/gm)).toHaveLength(30);
  expect(card).not.toContain('secret');
  expect(modelCard({ manifest, dataset: null, epochs: [], results: null })).toContain('was not tested');
});
