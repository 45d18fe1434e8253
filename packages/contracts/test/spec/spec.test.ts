import { expect, it } from 'vitest';
import { completeJobSpecSchema, faultsOf, jobSpecSchema } from '../../src/index.js';

it('completes the article’s four fields with every default', () => {
  expect(jobSpecSchema.parse({ architecture: 'lenet', learningRate: 0.01, batchSize: 20, epochs: 30 })).toEqual({
    name: null,
    experiment: 'default',
    tags: [],
    notes: '',
    priority: 0,
    dataset: {
      name: 'cifar10',
      version: null,
      validationFraction: 0.2,
      validationSplit: 'shuffled',
      limit: null,
      splitSeed: 0,
    },
    architecture: 'lenet',
    recipe: null,
    initialWeights: null,
    freeze: [],
    learningRate: 0.01,
    batchSize: 20,
    epochs: 30,
    dropLastBatch: false,
    optimizer: { type: 'sgd', momentum: 0, nesterov: false, weightDecay: 0, groups: [] },
    schedule: { type: 'constant', warmupEpochs: 0 },
    stopAfter: null,
    loss: { type: 'crossEntropy', labelSmoothing: 0, classWeights: null },
    augmentation: {
      resizedCrop: null,
      colorJitter: null,
      flip: false,
      translate: 0,
      border: 'zero',
      cutout: 0,
      mixup: null,
      cutmix: null,
    },
    testAugmentation: 'none',
    normalization: 'half',
    earlyStopping: null,
    ema: null,
    lookahead: null,
    precision: 'fp32',
    checkpoint: { metric: 'validationLoss', every: 1, everySeconds: 120, everySteps: null, keep: 2 },
    maxAttempts: 3,
    device: 'auto',
  });
});

it('parses a complete spec to itself', () => {
  const spec = {
    ...jobSpecSchema.parse({ architecture: { layers: [{ type: 'maxPool', size: 3 }] }, schedule: 'oneCycle', ema: {} }),
    seed: 7,
  };
  expect(completeJobSpecSchema.parse(spec)).toEqual(spec);
});

it('fills the fields that are newer than a stored spec with what older versions did', () => {
  const spec = { ...jobSpecSchema.parse({ architecture: 'lenet', ema: {} }), seed: 7 };
  expect(spec).toMatchObject({ dataset: { splitSeed: 0 }, ema: { warmup: true } });
  const { splitSeed: _, ...dataset } = spec.dataset;
  const shown = completeJobSpecSchema.parse({ ...spec, dataset, ema: { decay: 0.999 } });
  const older = { dataset: { splitSeed: 7 }, ema: { decay: 0.999, warmup: false } };
  expect(shown).toMatchObject(older);
  // Sent again, it repeats the run.
  expect(jobSpecSchema.parse(shown)).toMatchObject(older);
});

it('accepts a bare name for an optimiser, a schedule and a dataset', () => {
  const spec = jobSpecSchema.parse({
    architecture: 'lenet',
    optimizer: 'adamw',
    schedule: 'cosine',
    dataset: 'shapes',
  });
  expect(spec.optimizer).toEqual({
    type: 'adamw',
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0,
    groups: [],
  });
  expect(spec.schedule).toEqual({ type: 'cosine', finalFraction: 0, warmupEpochs: 0 });
  expect(spec.dataset.name).toBe('shapes');
});

it('uses the size of a pool as its stride unless a stride is given', () => {
  const { architecture } = jobSpecSchema.parse({
    architecture: {
      layers: [
        { type: 'maxPool', size: 3 },
        { type: 'avgPool', size: [3, 2], stride: 1 },
      ],
    },
  });
  expect(architecture).toMatchObject({ layers: [{ stride: [3, 3] }, { stride: [1, 1] }] });
});

it.each([
  [{ learningRate: Number.NaN }],
  [{ learningRate: Number.POSITIVE_INFINITY }],
  [{ seed: 2 ** 32 }],
  [{ seed: 1.5 }],
  [{ epochs: '30' }],
  [{ priority: 101 }],
  [{ tags: [''] }],
  [{ dataset: '../../etc' }],
  [{ optimizer: { type: 'sgd', momentum: 1 } }],
  [{ checkpoint: { keep: 0 } }],
  [{ augmentation: { resizedCrop: { scale: [0, 1] } } }],
  [{ augmentation: { resizedCrop: { scale: [0.5, 0.4] } } }],
  [{ augmentation: { colorJitter: { hue: 0.6 } } }],
  [{ augmentation: { mixup: { alpha: 0 } } }],
  [{ augmentation: { cutmix: { alpha: 5 } } }],
  [{ loss: { classWeights: 'equal' } }],
  [{ loss: { classWeights: { cat: -1 } } }],
  [{ augmentation: { resizedCrop: { ratio: [0.5, 11] } } }],
])('refuses %j, at that field', (fields) => {
  const faults = faultsOf(jobSpecSchema, { architecture: 'lenet', ...fields });
  expect(faults).toHaveLength(1);
  expect(faults[0]?.pointer).toMatch(new RegExp(`^/${Object.keys(fields)[0]}`));
});
