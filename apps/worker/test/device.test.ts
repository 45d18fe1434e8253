import { expect, it } from 'vitest';
import { wantedDevice } from '../src/device.js';

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
] as const)('a worker on %s computes a job that wants %s on %s', (worker, wish, device) => {
  expect(wantedDevice(worker, wish)).toBe(device);
});
