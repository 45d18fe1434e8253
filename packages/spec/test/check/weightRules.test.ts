import { expect, it } from 'vitest';
import { checkSpec } from '../../src/index.js';

const check = (changes: object) => checkSpec({ architecture: 'cnn3', ...changes }, null);
const faultsOf = (changes: object) => check(changes).faults.map(({ pointer, detail }) => `${pointer} ${detail}`);
const layers = 'conv2d_1, conv2d_2, conv2d_3, dense_1, dense_2, dense_3';

it('patterns that name no weight are refused with the names that there are', () => {
  const groups = [{ match: 'conv2d_9', learningRateFactor: 0.1 }, { match: 'gamma' }];
  expect(faultsOf({ freeze: ['conv2d_1', '!head'], optimizer: { type: 'sgd', groups } })).toEqual([
    `/freeze/1 head names no weight of the network, whose layers with weights are ${layers}`,
    `/optimizer/groups/0/match conv2d_9 names no weight of the network, whose layers with weights are ${layers}`,
  ]);
  expect(faultsOf({ freeze: ['a/b/c'] })).toEqual([
    '/freeze/0 must be a name like conv2d_1, conv2d_*, */bias or !dense_1 (is "a/b/c")',
  ]);
});

it('something has to train, and batch norm is frozen whole', () => {
  expect(faultsOf({ freeze: ['*'] })).toEqual(['/freeze leaves no weight to train; leave out the head']);
  expect(faultsOf({ architecture: 'resnet-photo', freeze: ['batch_normalization_1/moving_*'] })).toEqual([
    '/freeze freezes statistics of batch_normalization_1 and not the rest of it; freeze all of it, or no statistics',
  ]);
});

it('the model of a spec has what it freezes', () => {
  expect(check({ freeze: ['*', '!dense_3'] }).model?.parameters).toBe(64 * 10 + 10);
});
