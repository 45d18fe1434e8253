import { layerListSchema } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { resolveModel } from '../../src/index.js';

const weights = (name: string) =>
  new Map(resolveModel(name, [32, 32, 3], 10).model?.weights.map((weight) => [weight.name, weight]));

it('kernels are HWIO and [in, out], in the order and under the names of Keras', () => {
  expect([...weights('lenet').values()].map(({ name, shape }) => `${name} ${shape}`)).toEqual([
    'conv2d_1/kernel 5,5,3,6',
    'conv2d_1/bias 6',
    'conv2d_2/kernel 5,5,6,16',
    'conv2d_2/bias 16',
    'dense_1/kernel 400,120',
    'dense_1/bias 120',
    'dense_2/kernel 120,84',
    'dense_2/bias 84',
    'dense_3/kernel 84,10',
    'dense_3/bias 10',
  ]);
});

it('kernels and biases start as PyTorch starts them, uniform within 1/sqrt(fan in)', () => {
  const lenet = weights('lenet');
  expect(lenet.get('conv2d_2/kernel')?.initializer).toEqual({ type: 'uniform', bound: 1 / Math.sqrt(5 * 5 * 6) });
  expect(lenet.get('conv2d_2/bias')?.initializer).toEqual({ type: 'uniform', bound: 1 / Math.sqrt(5 * 5 * 6) });
  expect(lenet.get('dense_1/bias')?.initializer).toEqual({ type: 'uniform', bound: 1 / 20 });
});

it('batch norms start as the identity', () => {
  const start = [...weights('vgg6').values()].filter(({ name }) => name.startsWith('batch_normalization_2/'));
  expect(start.map(({ initializer }) => initializer.type)).toEqual(['ones', 'zeros', 'zeros', 'ones']);
});

it('counts only trained weights as parameters, not frozen ones, and keeps for how many epochs each trains', () => {
  const layers = layerListSchema.parse([
    { type: 'conv2d', filters: 24, kernel: 2, initializer: 'whitening', kernelEpochs: 0, biasEpochs: 3 },
    { type: 'conv2d', filters: 32, initializer: 'dirac', bias: false },
    { type: 'batchNorm', scale: false },
    { type: 'flatten' },
    { type: 'dense', units: 2, bias: false },
  ]);
  const { model } = resolveModel({ layers }, [8, 8, 3], 2);
  const described = model?.weights.map(({ name, initializer, trainable, epochs }) => [
    name,
    initializer.type,
    trainable,
    epochs,
  ]);
  expect(described).toEqual([
    ['conv2d_1/kernel', 'whitening', false, 0],
    ['conv2d_1/bias', 'zeros', true, 3],
    ['conv2d_2/kernel', 'dirac', true, null],
    ['batch_normalization_1/beta', 'zeros', true, null],
    ['batch_normalization_1/moving_mean', 'zeros', false, null],
    ['batch_normalization_1/moving_variance', 'ones', false, null],
    ['dense_1/kernel', 'uniform', true, null],
  ]);
  expect(model?.parameters).toBe(24 + 9 * 24 * 32 + 32 + 5 * 5 * 32 * 2);
});
