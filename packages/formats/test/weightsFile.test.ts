import { resolveModel } from '@trainyard/architectures';
import { layerListSchema } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { encodeSafetensors, type NamedTensor, openWeightsFile, stateDict } from '../src/index.js';
import { someWeights } from './models.js';

const layers = layerListSchema.parse([
  { type: 'conv2d', filters: 4, kernel: [3, 2], padding: 'same', bias: false, groups: 2 },
  { type: 'batchNorm', scale: false },
  { type: 'residual', layers: [{ type: 'conv2d', filters: 4, padding: 1 }, { type: 'batchNorm' }] },
  { type: 'flatten' },
  { type: 'dense', units: 5 },
  { type: 'dense', units: 2 },
]);

function model() {
  const { model: found } = resolveModel({ layers }, [4, 3, 2], 2);
  if (!found) throw new Error('the layers do not fit');
  return found;
}

const names = model().weights.map(({ name }) => name);
const fileOf = (tensors: NamedTensor[]) => openWeightsFile(Buffer.concat(encodeSafetensors(tensors)), model());
const byName = (tensors: NamedTensor[]) => new Map(tensors.map(({ name, shape, data }) => [name, { shape, data }]));

it('a file in either layout gives the weights that were written into it', () => {
  const weights = someWeights(model());
  const counter: NamedTensor = {
    name: 'batch_normalization_1.num_batches_tracked',
    shape: [],
    dtype: 'I32',
    data: Int32Array.of(7),
  };
  for (const tensors of [weights, [...stateDict(model(), weights), counter]]) {
    const file = fileOf(tensors);
    expect(file.faults).toEqual([]);
    expect(file.found.toSorted(order)).toEqual(
      file.expected.map(({ name, shape }) => ({ name, shape })).toSorted(order),
    );
    expect(byName(file.read(names))).toEqual(byName(weights));
  }
});

const order = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);

it('other types, and factors that the network cannot have, are faults', () => {
  const state = stateDict(model(), someWeights(model()));
  const factors = state.map((tensor) =>
    tensor.name === 'batch_normalization_1.weight' ? { ...tensor, data: Float32Array.of(1, 1, 2, 1) } : tensor,
  );
  expect(fileOf(factors).faults).toEqual([
    'batch_normalization_1.weight has factors other than 1, and the batchNorm of the network has no scale',
  ]);
  const counts = state.map(
    (tensor): NamedTensor =>
      tensor.name === 'dense_2.bias' ? { ...tensor, dtype: 'I32', data: Int32Array.of(1, 2) } : tensor,
  );
  expect(fileOf(counts).faults).toEqual(['dense_2.bias is I32; save it as float32']);
  expect(() => fileOf(counts).read(names)).toThrow('the file has no dense_2.bias of shape [2]');
  expect(() => openWeightsFile(Buffer.from('notes'), model())).toThrow('shorter than a safetensors header');
});
