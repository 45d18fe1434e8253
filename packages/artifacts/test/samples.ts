import { resolveModel } from '@trainyard/architectures';
import { type CheckpointManifest, completeJobSpecSchema } from '@trainyard/contracts';
import type { NamedTensor } from '@trainyard/formats';

/** A small model with its weights and the manifest of its checkpoint, for tests. */

const { model: resolved } = resolveModel(
  { layers: [{ type: 'flatten' }, { type: 'dense', units: 3, bias: true }] },
  [2, 2, 1],
  3,
);
if (!resolved) throw new Error('the sample model does not resolve');
export const model = resolved;

/** Values that differ from weight to weight and element to element. */
export const weights: NamedTensor[] = model.weights.map(({ name, shape }, ordinal) => {
  const length = shape.reduce((product, size) => product * size, 1);
  return { name, shape, dtype: 'F32', data: Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7 + ordinal)) };
});

export const manifest: Omit<CheckpointManifest, 'files'> = {
  format: 1,
  jobId: 'job_01jzzzzzzzzzzzzzzzzzzzzzzz',
  attempt: 1,
  cursor: { epoch: 3, step: 0, globalStep: 300 },
  metrics: { trainLoss: 1, trainAccuracy: 0.5, validationLoss: 1.1, validationAccuracy: 0.45 },
  best: { epoch: 3, value: 1.1 },
  spec: completeJobSpecSchema.parse({ architecture: 'lenet', seed: 7 }),
  dataset: { name: 'toy', version: 1, digest: 'd', classes: ['c0', 'c1', 'c2'] },
  inputShape: model.inputShape,
  normalization: { mean: [0.5], std: [0.5] },
  codeVersion: '0.1.0',
  createdAt: '2026-01-01T00:00:00.000Z',
};
