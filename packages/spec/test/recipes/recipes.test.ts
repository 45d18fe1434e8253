import { presetNames } from '@trainyard/architectures';
import { jobSpecSchema } from '@trainyard/contracts';
import { describe, expect, it } from 'vitest';
import { assumedDataset, checkSpec, recipes } from '../../src/index.js';

function complete(input: unknown) {
  const { spec, faults } = checkSpec(input, assumedDataset);
  expect(faults).toEqual([]);
  if (!spec) throw new Error('no spec');
  return spec;
}

const every = presetNames.flatMap((architecture) =>
  Object.keys(recipes[architecture]).map((recipe) => ({ architecture, recipe })),
);

describe('a recipe', () => {
  it.each(every)('$recipe of $architecture leads to a spec that can be sent again', (input) => {
    const spec = complete(input);
    expect(spec).toMatchObject(input);
    expect(complete(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
  });

  it.each([
    ['lenet', 'article'],
    ['cnn3', 'article'],
    ['vgg6', 'article'],
    ['resnet9', 'tuned'],
    ['airbench94', 'tuned'],
    ['airbench-mini', 'tuned'],
  ])('of %s is %s by default', (architecture, recipe) => {
    expect(complete({ architecture, seed: 1 })).toEqual(complete({ architecture, recipe, seed: 1 }));
  });

  it('of the article has the printed values, and the general defaults for all other fields', () => {
    const printed = { learningRate: 0.01, batchSize: 20, epochs: 30 };
    expect(complete({ architecture: 'lenet', seed: 1 })).toEqual({
      ...jobSpecSchema.parse({ architecture: 'lenet', recipe: 'article', ...printed, seed: 1 }),
      dataset: { ...jobSpecSchema.parse({ architecture: 'lenet' }).dataset, version: 1 },
    });
    expect(complete({ architecture: 'vgg6' })).toMatchObject({ learningRate: 0.001, epochs: 30 });
  });

  it('is complete when a spec only names airbench94', () => {
    expect(complete({ architecture: 'airbench94' })).toMatchObject({
      learningRate: 1.5,
      batchSize: 1024,
      dropLastBatch: true,
      optimizer: { type: 'sgd', momentum: 0.85, nesterov: true, groups: [{ match: 'beta', learningRateFactor: 64 }] },
      schedule: { type: 'triangular' },
      loss: { labelSmoothing: 0.2 },
      lookahead: { every: 5, power: 3 },
      augmentation: { flip: 'alternating', translate: 2, border: 'reflect' },
      testAugmentation: 'mirrorTranslate',
      dataset: { name: 'cifar10', validationFraction: 0.02 },
    });
  });

  it('is overridden by the user, field by field', () => {
    const spec = complete({
      architecture: 'cnn3',
      recipe: 'tuned',
      optimizer: 'adam',
      epochs: 3,
      dataset: { name: 'cifar10', limit: 5000 },
    });
    const tuned = complete({ architecture: 'cnn3', recipe: 'tuned' });
    expect(spec).toMatchObject({ optimizer: { type: 'adam', weightDecay: 0 }, epochs: 3, schedule: tuned.schedule });
    expect(spec.dataset).toMatchObject({ limit: 5000, validationFraction: tuned.dataset.validationFraction });
    const share = { name: 'cifar10', validationFraction: 0.3 };
    expect(complete({ architecture: 'cnn3', recipe: 'tuned', dataset: share }).dataset).toMatchObject(share);
    expect(complete({ architecture: 'airbench94', dataset: 'cifar10' }).dataset.validationFraction).toBe(0.02);
  });

  it.each([
    [{ architecture: 'cnn3' }, 'validationLoss'],
    [{ architecture: 'cnn3', recipe: 'tuned' }, 'validationAccuracy'],
    [{ architecture: 'airbench94' }, 'validationAccuracy'],
    [{ architecture: 'cnn3', recipe: 'small' }, 'epoch'],
    [{ architecture: { layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }] } }, 'validationAccuracy'],
  ])('of %j decides the best checkpoint by %s, unless the user says by what', (input, metric) => {
    expect(complete(input).checkpoint.metric).toBe(metric);
    expect(complete({ ...input, checkpoint: { everySteps: 7 } }).checkpoint).toMatchObject({ metric, everySteps: 7 });
    const own = { metric: 'validationLoss', every: 2 };
    expect(complete({ ...input, checkpoint: own }).checkpoint).toMatchObject(own);
    expect(checkSpec({ ...input, checkpoint: null }, assumedDataset).faults).toMatchObject([
      { pointer: '/checkpoint' },
    ]);
  });

  it('does not exist for a list of layers, and cannot be requested there', () => {
    const architecture = { layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }] };
    expect(complete({ architecture })).toMatchObject({ recipe: null, batchSize: 20 });
    const { faults } = checkSpec({ architecture, recipe: 'tuned' }, assumedDataset);
    expect(faults).toEqual([{ pointer: '/recipe', detail: expect.stringContaining('only presets have recipes') }]);
  });
});
