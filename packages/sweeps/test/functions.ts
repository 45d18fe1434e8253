import type { Point } from '@trainyard/contracts';
import { spaceOf } from './spaces.js';

/** Functions with known minima, by which samplers are compared in the literature. */
export interface TestFunction {
  name: string;
  space: ReturnType<typeof spaceOf>;
  loss(point: Point): number;
  minimum: number;
}

const number = (point: Point, path: string): number => Number(point[path]);

/** Branin 1972, with its three minima. */
const branin: TestFunction = {
  name: 'Branin',
  space: spaceOf({ x: { type: 'uniform', min: -5, max: 10 }, y: { type: 'uniform', min: 0, max: 15 } }),
  loss(point) {
    const [x, y] = [number(point, 'x'), number(point, 'y')];
    const bend = y - (5.1 / (4 * Math.PI ** 2)) * x ** 2 + (5 / Math.PI) * x - 6;
    return bend ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
  },
  minimum: 0.397887,
};

const alpha = [1, 1.2, 3, 3.2];
const weights = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const centers = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];

/** Hartmann 1973, in six dimensions. */
const hartmann6: TestFunction = {
  name: 'Hartmann 6',
  space: spaceOf(Object.fromEntries(weights[0]?.map((_, i) => [`x${i}`, { type: 'uniform', min: 0, max: 1 }]) ?? [])),
  loss(point) {
    const exponent = (row: number) =>
      weights[row]?.reduce(
        (sum, weight, i) => sum + weight * (number(point, `x${i}`) - (centers[row]?.[i] ?? 0)) ** 2,
        0,
      ) ?? 0;
    return -alpha.reduce((sum, factor, row) => sum + factor * Math.exp(-exponent(row)), 0);
  },
  minimum: -3.32237,
};

/** As a spec is tuned: the best rate depends on the optimizer, and one parameter is there with one of them only. */
const conditional: TestFunction = {
  name: 'conditional',
  space: spaceOf({
    optimizer: { type: 'choice', values: ['sgd', 'adam'] },
    rate: { type: 'logUniform', min: 1e-5, max: 1 },
    batch: { type: 'logInt', min: 8, max: 512 },
    'optimizer.momentum': { type: 'uniform', min: 0, max: 0.99, when: { optimizer: ['sgd'] } },
  }),
  loss(point) {
    const best = point.optimizer === 'sgd' ? 0.05 : 0.001;
    const rate = Math.log10(number(point, 'rate') / best) ** 2;
    const batch = 0.1 * Math.log2(number(point, 'batch') / 64) ** 2;
    const momentum = point.optimizer === 'sgd' ? 4 * (number(point, 'optimizer.momentum') - 0.9) ** 2 : 0.3;
    return rate + batch + momentum;
  },
  minimum: 0,
};

export const functions = [branin, hartmann6, conditional];
