import { testResultsSchema } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { macroF1, testResults } from '../../src/evaluation/testResults.js';

/** Class c has no images and d is never predicted. */
const counts = Int32Array.of(8, 1, 1, 0, 2, 6, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0);
const results = testResults({
  epoch: 3,
  classes: ['a', 'b', 'c', 'd'],
  counts,
  topHits: 18,
  loss: 0.5,
  accuracyAugmented: null,
  seconds: 1,
  partial: false,
});

it('test results match the schema', () => {
  expect(testResultsSchema.parse(results)).toEqual(results);
});

it('overall accuracy is hits over images', () => {
  expect(results).toMatchObject({ epoch: 3, correct: 14, total: 20, accuracy: 0.7, loss: 0.5 });
});

it('precision, recall and F1 follow their definitions', () => {
  const [a] = results.classes;
  expect(a).toMatchObject({ class: 'a', correct: 8, total: 10, accuracy: 0.8, recall: 0.8, precision: 0.8 });
  expect(a?.f1).toBeCloseTo(0.8, 12);
  const b = results.classes[1];
  expect(b?.f1).toBeCloseTo((2 * (6 / 9) * (6 / 8)) / (6 / 9 + 6 / 8), 12);
});

it('top-5 accuracy is over all images, and null where it was not counted', () => {
  expect(results.top5Accuracy).toBe(0.9);
  const { top5Accuracy } = testResults({
    epoch: 3,
    classes: ['a'],
    counts,
    topHits: null,
    loss: 0.5,
    accuracyAugmented: null,
    seconds: 1,
    partial: false,
  });
  expect(top5Accuracy).toBeNull();
});

it('macro F1 is the mean over the classes that have images or predictions', () => {
  const f1s = [(2 * 8) / (10 + 10), (2 * 6) / (8 + 9), 0, 0];
  expect(results.macroF1).toBeCloseTo(f1s.reduce((a, b) => a + b) / 4, 12);
  const without = { class: 'e', correct: 0, total: 0, accuracy: null, precision: null, recall: null, f1: null };
  expect(macroF1([...results.classes, without])).toBe(results.macroF1);
  expect(macroF1([without])).toBeNull();
});

it('a ratio without a denominator is null', () => {
  expect(results.classes[2]).toEqual({
    class: 'c',
    correct: 0,
    total: 0,
    accuracy: null,
    precision: 0,
    recall: null,
    f1: 0,
  });
  expect(results.classes[3]).toMatchObject({ total: 2, accuracy: 0, precision: null, f1: 0 });
});
