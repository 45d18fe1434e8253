import type { Point } from '@trainyard/contracts';
import { ackley5, branin, hartmann6, rosenbrock4 } from './continuous.js';
import { number, spaceOf, type TestFunction } from './testFunction.js';

export { spaceOf, type TestFunction } from './testFunction.js';

/** As a spec is tuned: the best rate depends on the optimizer, and one parameter is there with one of them only. */
const conditional: TestFunction = {
  name: 'conditional',
  space: spaceOf({
    optimizer: { type: 'choice', values: ['sgd', 'adam'] },
    rate: { type: 'logUniform', min: 1e-5, max: 1 },
    batch: { type: 'logInt', min: 8, max: 512 },
    momentum: { type: 'uniform', min: 0, max: 0.99, when: { optimizer: ['sgd'] } },
  }),
  loss(point: Point) {
    const best = point.optimizer === 'sgd' ? 0.05 : 0.001;
    const rate = Math.log10(number(point, 'rate') / best) ** 2;
    const batch = 0.1 * Math.log2(number(point, 'batch') / 64) ** 2;
    const momentum = point.optimizer === 'sgd' ? (number(point, 'momentum') - 0.9) ** 2 : 0.3;
    return rate + batch + momentum;
  },
  minimum: 0,
};

/** Two to six parameters each, with one minimum or many, with and without a condition. */
export const testFunctions: readonly TestFunction[] = [branin, hartmann6, rosenbrock4, ackley5, conditional];
