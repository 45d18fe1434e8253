import { expect, it } from 'vitest';
import { checkLayers } from '../../src/index.js';

const faultsOf = (layer: object) =>
  checkLayers([{ type: 'conv2d', ...layer }, { type: 'globalAvgPool' }, { type: 'dense', units: 10 }], [32, 32, 3], 10)
    .faults;

it.each([
  [{ filters: 4, groups: 2 }, '/groups', '2 does not divide 3 input channels'],
  [{ filters: 4, groups: 3 }, '/groups', '3 does not divide 4 filters'],
  [{ filters: 5, groups: 4 }, '/groups', '4 does not divide 3 input channels and 5 filters'],
  [{ filters: 6, groups: 3, initializer: 'whitening' }, '/initializer', 'need groups of 1'],
])('%o has one fault, at %s', (layer, field, detail) => {
  expect(faultsOf(layer)).toEqual([{ pointer: `/layers/0${field}`, detail: expect.stringContaining(detail) }]);
});

it('groups that divide channels and filters have none', () => {
  expect(faultsOf({ filters: 6, groups: 3 })).toEqual([]);
});
