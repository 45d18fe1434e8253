import { describe, expect, it } from 'vitest';
import { assumedDataset, checkSpec, planJob, splitSizes } from '../../src/index.js';

const pets = { ...assumedDataset, name: 'pets', trainImages: 18_000, validationImages: 2000, testImages: 50 };

const faultsOf = (fields: object, dataset = pets) =>
  checkSpec({ architecture: 'lenet', ...fields }, dataset).faults.map(({ pointer, detail }) => [pointer, detail]);

function complete(fields: object = {}, dataset = pets) {
  const { spec, model, faults } = checkSpec({ architecture: 'lenet', ...fields }, dataset);
  expect(faults).toEqual([]);
  if (!spec || !model) throw new Error('refused');
  return { spec, plan: planJob(spec, model, dataset) };
}

describe('a dataset with validation images of its own', () => {
  it.each([{}, { dataset: 'pets' }, { dataset: { name: 'pets' } }, { recipe: 'tuned', dataset: 'pets' }])(
    'is validated on them with %j',
    (fields) => {
      const { spec, plan } = complete(fields);
      expect(spec.dataset.validationSplit).toBe('provided');
      expect(plan).toMatchObject({ trainImages: 18_000, validationImages: 2000, testImages: 50 });
    },
  );

  it('is not where the user names a split or a fraction: all images but those of the test are drawn from', () => {
    const split = complete({ dataset: { name: 'pets', validationSplit: 'stratified' } });
    expect(split.plan).toMatchObject({ trainImages: 16_000, validationImages: 4000 });
    const fraction = complete({ dataset: { name: 'pets', validationFraction: 0.3 } });
    expect(fraction.spec.dataset.validationSplit).toBe('shuffled');
    expect(fraction.plan).toMatchObject({ trainImages: 14_000, validationImages: 6000 });
    const tuned = complete({ recipe: 'tuned', dataset: { name: 'pets', validationSplit: 'shuffled' } });
    expect(tuned.plan).toMatchObject({ trainImages: 18_000, validationImages: 2000 });
  });

  it('keeps its split when its complete spec is sent again', () => {
    const { spec } = complete({ dataset: { name: 'pets', limit: 100 } });
    expect(complete(JSON.parse(JSON.stringify(spec))).spec).toEqual(spec);
  });

  it('is with the recipe of small sets too', () => {
    const few = { ...pets, trainImages: 900, validationImages: 100 };
    expect(complete({}, few).spec).toMatchObject({ recipe: 'small', dataset: { validationSplit: 'provided' } });
  });

  it('is limited in both parts by the same factor, and keeps at least one validation image', () => {
    const sizes = (limit: number) => splitSizes(pets, { limit, validationFraction: 0.2, validationSplit: 'provided' });
    expect(sizes(200)).toEqual({ train: 180, validation: 20, test: 50 });
    expect(sizes(5)).toEqual({ train: 4, validation: 1, test: 50 });
    expect(sizes(50_000)).toEqual({ train: 18_000, validation: 2000, test: 50 });
    expect(faultsOf({ batchSize: 1, dataset: { name: 'pets', limit: 1 } })).toEqual([
      ['/dataset/limit', 'leaves no images for training; use at least 2'],
    ]);
  });
});

it('a dataset without validation images cannot be validated on them, which is one fault', () => {
  const none = { ...pets, validationImages: 0 };
  expect(faultsOf({ dataset: { name: 'pets', validationSplit: 'provided' } }, none)).toEqual([
    ['/dataset/validationSplit', 'pets has no validation images of its own; use "shuffled", "stratified" or "head"'],
  ]);
  expect(complete({}, none).spec.dataset).toMatchObject({ validationSplit: 'shuffled', validationFraction: 0.2 });
});
