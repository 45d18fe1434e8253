import { expect, it } from 'vitest';
import { z } from 'zod';
import { faultsOf, jobSpecSchema, listJobsQuerySchema } from '../../src/index.js';

const synonyms = { lr: 'learningRate', batch: 'batchSize', kernelsize: 'kernel', kernel: 'size' };
const detail = (input: object) => faultsOf(jobSpecSchema, { architecture: 'lenet', ...input }, { synonyms })[0]?.detail;

it('reports only the alternative of a union that was intended', () => {
  const faults = faultsOf(jobSpecSchema, {
    architecture: 'lenet',
    dataset: { name: 'x', validationFraction: 1, split: 'head' },
  });
  expect(faults.map(({ pointer }) => pointer)).toEqual(['/dataset/validationFraction', '/dataset/split']);
});

it('lists the allowed types for a value that has none of them', () => {
  expect(detail({ dataset: 7 })).toBe('must be a string, or an object (is 7)');
});

it.each([
  [{ LearningRate: 1 }, 'learningRate'],
  [{ learning_rate: 1 }, 'learningRate'],
  [{ lr: 1 }, 'learningRate'],
  [{ batch: 1 }, 'batchSize'],
  [{ epoch: 1 }, 'epochs'],
  [{ ephocs: 1 }, 'epochs'],
  [{ optimizer: { type: 'adam', weight_decay: 0 } }, 'weightDecay'],
  [{ architecture: { layers: [{ type: 'conv2d', filters: 1, kernel_size: 3 }] } }, 'kernel'],
  [{ architecture: { layers: [{ type: 'maxPool', kernel: 3 }] } }, 'size'],
])('suggests the key that was probably meant by the one in %j', (input, meant) => {
  expect(detail(input)).toMatch(new RegExp(`; did you mean "${meant}"\\?$`));
});

it('suggests only keys of the kind of object that its type names', () => {
  expect(detail({ optimizer: { type: 'adam', momentun: 0.9 } })).toBe(
    'unrecognized key "momentun"; the keys are type, beta1, beta2, epsilon, weightDecay, groups',
  );
  expect(detail({ optimizer: { type: 'sgd', momentun: 0.9 } })).toContain('did you mean "momentum"?');
});

it('lists the keys of the place where an unknown key resembles none of them', () => {
  const keys = 'resizedCrop, colorJitter, flip, translate, border, cutout, mixup, cutmix';
  expect(detail({ augmentation: { zoom: 2 } })).toBe(`unrecognized key "zoom"; the keys are ${keys}`);
});

it('answers briefly when there are very many or very long unknown keys', () => {
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, 1]));
  const faults = faultsOf(jobSpecSchema, { architecture: 'lenet', ...many, ['x'.repeat(1_000_000)]: 1 });
  expect(faults).toHaveLength(21);
  expect(faults.at(-1)?.detail).toBe('4981 more unrecognized keys');
  expect(detail({ ['x'.repeat(1_000_000)]: 1 })?.length).toBeLessThan(100);
});

it('puts the pointer of the input before that of the fault, and escapes ~ and /', () => {
  expect(faultsOf(z.strictObject({}), { 'a/b~': 1 }, { pointer: '/body' })[0]?.pointer).toBe('/body/a~1b~0');
});

it('names the parameter of a query that has a fault', () => {
  expect(faultsOf(listJobsQuerySchema, { state: 'done', limit: '0' }).map(({ pointer }) => pointer)).toEqual([
    '/state/0',
    '/limit',
  ]);
});

it('finds no fault in what parses', () => {
  expect(faultsOf(jobSpecSchema, { architecture: 'lenet' })).toEqual([]);
});
