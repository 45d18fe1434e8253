import { presetNames } from '@trainyard/architectures';
import { describe, expect, it } from 'vitest';
import { assumedDataset, checkSpec, planJob } from '../../src/index.js';

const photos = (images: number, imageShape: [number, number, number] = [64, 64, 3]) => ({
  ...assumedDataset,
  name: 'pets',
  classes: ['cat', 'dog'],
  imageShape,
  trainImages: images,
});

function complete(input: object, dataset = photos(2000)) {
  const { spec, model, faults, chosen } = checkSpec(input, dataset);
  expect(faults).toEqual([]);
  if (!spec || !model) throw new Error('refused');
  return { spec, chosen, plan: planJob(spec, model, dataset, chosen) };
}

describe('the recipe small', () => {
  it.each([{}, { recipe: 'auto' }, { recipe: null }])('trains a set of fewer than 10,000 images with %j', (fields) => {
    const of = (images: number) => complete({ architecture: 'lenet', ...fields }, photos(images)).spec.recipe;
    expect([80, 2000, 9999, 10_000, 50_000].map(of)).toEqual(['small', 'small', 'small', 'article', 'article']);
  });

  it('does not train a large set of which a limit takes few images, unless it is named', () => {
    const dataset = { name: 'pets', limit: 500 };
    expect(complete({ architecture: 'cnn3', dataset }, photos(50_000)).spec.recipe).toBe('article');
    const named = complete({ architecture: 'cnn3', dataset, recipe: 'small' }, photos(50_000));
    expect(named.spec).toMatchObject({ recipe: 'small', batchSize: 16 });
    expect(named.chosen).not.toContainEqual(expect.stringContaining('recipe small'));
  });

  it.each(presetNames)('is accepted for %s, from 10 to 9,999 images, and again as it is stored', (architecture) => {
    for (const images of [10, 80, 500, 2000, 9999]) {
      const { spec } = complete({ architecture }, photos(images));
      expect(spec.recipe).toBe('small');
      expect(complete(JSON.parse(JSON.stringify(spec)), photos(images)).spec).toEqual(spec);
    }
  });

  it('has batches and learning rates that grow with the set, and epochs that fall, so that steps are enough', () => {
    const of = (images: number) => complete({ architecture: 'lenet' }, photos(images));
    const batches = [80, 500, 2000, 9000].map((images) => of(images).spec.batchSize);
    expect(batches).toEqual([16, 16, 32, 32]);
    expect(of(80).spec.learningRate).toBe(of(2000).spec.learningRate / 2);
    const epochs = [80, 500, 2000, 9000].map((images) => of(images).spec.epochs);
    expect(epochs).toEqual(epochs.toSorted((a, b) => b - a));
    expect(of(500).plan.totalSteps).toBeGreaterThanOrEqual(1500);
    expect(of(80).plan.totalSteps).toBeGreaterThanOrEqual(500);
  });

  it('follows the batch size of the user, and leaves every other field that the user sends', () => {
    const half = complete({ architecture: 'lenet', batchSize: 16 }).spec;
    expect(half.learningRate).toBe(complete({ architecture: 'lenet' }).spec.learningRate / 2);
    const { spec } = complete({ architecture: 'lenet', epochs: 3, learningRate: 0.5, optimizer: 'adam' });
    expect(spec).toMatchObject({ epochs: 3, learningRate: 0.5, optimizer: { type: 'adam', weightDecay: 0 } });
  });

  it('splits by class, and mirrors colour images but not gray ones', () => {
    expect(complete({ architecture: 'lenet' }).spec).toMatchObject({
      dataset: { validationSplit: 'stratified', validationFraction: 0.1 },
      augmentation: { flip: 'alternating', translate: 4 },
      testAugmentation: 'none',
    });
    expect(complete({ architecture: 'lenet' }, photos(30)).spec.dataset.validationFraction).toBe(0.2);
    const digits = complete({ architecture: 'lenet' }, photos(2000, [28, 28, 1])).spec;
    expect(digits.augmentation).toMatchObject({ flip: false, translate: 2 });
  });
});

describe('what was chosen for the user', () => {
  it('is said in a line: the recipe, with its epochs, steps and batch', () => {
    const { chosen, plan } = complete({ architecture: 'cnn3' }, photos(2000, [32, 32, 3]));
    expect(chosen).toEqual([
      'pets has 2,000 images for training and validation: recipe small, 36 epochs of 56 steps of 32; ' +
        'choose another with --recipe ("recipe")',
    ]);
    expect(plan.chosen).toEqual(chosen);
  });

  it('is said of a preset that is changed for the size of the images', () => {
    const { chosen } = complete({ architecture: 'lenet', recipe: 'tuned' }, photos(2000, [48, 64, 1]));
    expect(chosen).toEqual([
      'lenet is changed for 64x48 images of 1 channel: a mean pool from 13x9 to 5x5 before the classifier',
    ]);
  });

  it('is said of a batch that was made smaller for large images, with its learning rate', () => {
    const large = photos(20_000, [224, 224, 3]);
    const { chosen, spec } = complete({ architecture: 'resnet9' }, large);
    const rate = complete({ architecture: 'resnet9' }, assumedDataset).spec.learningRate / 2;
    expect(spec).toMatchObject({ batchSize: 32, learningRate: rate / 8 });
    expect(chosen.at(-1)).toBe(
      `a step of 512 images of 224x224 would need too much memory: batch 32 and learning rate ${rate / 8}`,
    );
    expect(complete({ architecture: 'resnet9', learningRate: 0.3 }, large).spec).toMatchObject({
      batchSize: 32,
      learningRate: 0.3,
    });
    expect(checkSpec({ architecture: 'resnet9', batchSize: 512 }, large).faults[0]?.pointer).toBe('/batchSize');
  });

  it('is said of validation images that the dataset has', () => {
    const dataset = { ...photos(50_000, [32, 32, 3]), validationImages: 5000 };
    expect(complete({ architecture: 'lenet' }, dataset).chosen).toEqual([
      'validated on the validation images that pets has, not on training images',
    ]);
  });

  it('is nothing on CIFAR-10', () => {
    expect(complete({ architecture: 'lenet' }, assumedDataset).chosen).toEqual([]);
  });
});
