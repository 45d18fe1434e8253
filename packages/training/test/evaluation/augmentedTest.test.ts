import { readCheckpoint } from '@trainyard/artifacts';
import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import { expect, it } from 'vitest';
import { planTraining, TrainingSignal, testWeights } from '../../src/index.js';
import { bestFolder, packToy, recordRecipe, resultsOf, toySpec, trainToy } from '../toy.js';

it('a test has the figures of the network alone, and the accuracy of its augmented views beside them', async () => {
  const toy = await packToy(75, 90);
  // So little training that the views disagree.
  const changes = { ...recordRecipe, epochs: 1, learningRate: 0.01 };
  const trained = await trainToy(toy, changes);
  const { accuracyAugmented, last, ...results } = resultsOf(trained);
  expect(accuracyAugmented).not.toBeNull();
  expect(accuracyAugmented).not.toBe(results.accuracy);

  expect(last).toMatchObject({ accuracy: results.accuracy, accuracyAugmented });

  const plan = await planTraining(toySpec({ ...changes, testAugmentation: 'none' }), toy.dataset, toy.datasetFile);
  const { weights } = await readCheckpoint(bestFolder(trained) as string);
  const executor = await openTfjsExecutor({ backend: 'cpu' });
  const test = {
    executor,
    plan,
    weights,
    epoch: 1,
    partial: false,
    predictions: true,
    signal: new TrainingSignal(),
    onChunk: () => {},
  };
  const plain = await testWeights(test);
  expect(plain).toEqual({ ...results, accuracyAugmented: null, last: null, seconds: expect.any(Number) });
});
