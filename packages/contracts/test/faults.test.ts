import { expect, it } from 'vitest';
import { z } from 'zod';
import { faultsOf, jobSpecSchema, listJobsQuerySchema } from '../src/index.js';

const detail = (input: object) => faultsOf(jobSpecSchema, { architecture: 'lenet', ...input })[0]?.detail;

it('of a union only the alternative that was meant is reported', () => {
  const faults = faultsOf(jobSpecSchema, {
    architecture: 'lenet',
    dataset: { name: 'x', validationFraction: 1, split: 'head' },
  });
  expect(faults.map(({ pointer }) => pointer)).toEqual(['/dataset/validationFraction', '/dataset/split']);
});

it('a value of no alternative’s type is told the types there are', () => {
  expect(detail({ dataset: 7 })).toBe('must be a text, or an object (is 7)');
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
])('the key of %j was probably meant as another', (input, meant) => {
  expect(detail(input)).toMatch(new RegExp(`; did you mean "${meant}"\\?$`));
});

it('an unknown key like no other is told the keys of its place', () => {
  const keys = 'flip, translate, border, cutout';
  expect(detail({ augmentation: { zoom: 2 } })).toBe(`unrecognized key "zoom"; the keys are ${keys}`);
});

it('very many or very long unknown keys do not make a very long answer', () => {
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, 1]));
  const faults = faultsOf(jobSpecSchema, { architecture: 'lenet', ...many, ['x'.repeat(1_000_000)]: 1 });
  expect(faults).toHaveLength(21);
  expect(faults.at(-1)?.detail).toBe('4981 more unrecognized keys');
  expect(detail({ ['x'.repeat(1_000_000)]: 1 })?.length).toBeLessThan(100);
});

it('a pointer starts where the input stands and escapes ~ and /', () => {
  expect(faultsOf(z.strictObject({}), { 'a/b~': 1 }, '/body')[0]?.pointer).toBe('/body/a~1b~0');
});

it('a query’s fault names its parameter', () => {
  expect(faultsOf(listJobsQuerySchema, { state: 'done', limit: '0' }).map(({ pointer }) => pointer)).toEqual([
    '/state',
    '/limit',
  ]);
});

it('what parses has no faults', () => {
  expect(faultsOf(jobSpecSchema, { architecture: 'lenet' })).toEqual([]);
});
