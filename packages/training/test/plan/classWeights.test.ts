import { expect, it } from 'vitest';
import { classWeightsOf } from '../../src/plan/classWeights.js';
import { epochsOf, packToy, trainToy } from '../toy.js';

const classes = ['a', 'b', 'c'];
const labels = Int32Array.of(0, 0, 1, 0, 0, 1, 0, 0);
/** Five of class a, one of class b. */
const images = Int32Array.of(0, 1, 2, 3, 6, 7);

it('balanced weights are n / (k count) over the training images, for the classes that have some', () => {
  // scikit-learn: compute_class_weight('balanced', classes=[0, 1], y=[0, 0, 0, 0, 0, 1])
  expect(classWeightsOf('balanced', classes, labels, images)).toEqual([0.6, 3, 1]);
});

it('weights by name are 1 where a class is not named', () => {
  expect(classWeightsOf({ b: 2, c: 0 }, classes, labels, images)).toEqual([1, 2, 0]);
  expect(classWeightsOf({ a: 0.5 }, ['a', 'toString'], labels, images)).toEqual([0.5, 1]);
  expect(classWeightsOf(null, classes, labels, images)).toBeNull();
});

it('a training minimises the weighted loss, and its validation loss is not weighted', async () => {
  const toy = await packToy();
  const rate = { learningRate: 1e-6, epochs: 1, earlyStopping: null };
  const [plain] = epochsOf(await trainToy(toy, rate));
  const loss = { classWeights: { top: 2, middle: 2, bottom: 2 } };
  const [doubled] = epochsOf(await trainToy(toy, { ...rate, loss }));
  expect(doubled?.metrics.trainLoss).toBeCloseTo(2 * (plain?.metrics.trainLoss ?? 0), 3);
  expect(doubled?.metrics.validationLoss).toBeCloseTo(plain?.metrics.validationLoss ?? 0, 3);
});
