import { expect, it } from 'vitest';
import { chooseDevice } from '../../src/attempt/chooseDevice.js';

it.each([
  ['auto', 'auto', 'auto'],
  ['cpu', 'auto', 'cpu'],
  ['cuda:1', 'auto', 'cuda:1'],
  ['auto', 'cpu', 'cpu'],
  ['cuda:1', 'cuda', 'cuda:1'],
  ['cuda:1', 'cpu', 'cpu'],
  ['auto', 'cuda', 'cuda'],
  ['torch:cpu', 'cpu', 'cpu'],
  ['cpu', 'cuda', null],
  ['torch:cpu', 'cuda', null],
] as const)('a worker configured for %s computes a job that requests %s on %s', (worker, requested, device) => {
  expect(chooseDevice(worker, requested)).toBe(device);
});
