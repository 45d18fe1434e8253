import { expect, it } from 'vitest';
import { resolveModel } from '../src/index.js';

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
