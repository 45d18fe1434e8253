import type { Dataset } from '@trainyard/contracts';
import { assumedDataset } from '@trainyard/spec';
import { expect, it } from 'vitest';
import { splitImages } from '../../src/plan/split.js';
import { splitWarning } from '../../src/plan/splitWarning.js';
import { messagesOf, packToy, trainToy } from '../toy.js';

const sorted = Int32Array.from({ length: 1000 }, (_, i) => Math.floor(i / 200));
const mixed = sorted.map((_, i) => i % 5);

type Kind = 'shuffled' | 'head' | 'stratified' | 'provided';

function warningFor(labels: Int32Array, validationSplit: Kind, validation = 200, splitSeed = 1): string | null {
  const classes = ['cat', 'dog', 'emu', 'fox', 'gnu'];
  const dataset: Dataset = { ...assumedDataset, name: 'pets', classes };
  const choice = { name: 'pets', version: 1, validationFraction: 0.2, validationSplit, limit: null, splitSeed };
  const split = splitImages(labels, choice, { train: labels.length - validation, validation }, validation);
  return splitWarning(labels, split, dataset, choice);
}

it('names the classes that the first images of a sorted set lack, and what to use', () => {
  expect(warningFor(sorted, 'head')).toBe(
    'validationSplit "head" gives the parts of pets other classes than the set: no training image of cat, ' +
      'no validation image of 4 of 5 classes (dog, emu, fox, …); ' +
      'its images are stored by class: use "stratified" or "shuffled"',
  );
});

it('names the class whose share is farthest from that of the set', () => {
  const heaped = mixed.map((label, i) => (i < 200 && i % 2 === 0 ? 0 : label));
  expect(warningFor(heaped, 'head')).toContain('the share of cat in the validation images is 32 points more than');
  expect(warningFor(sorted.toReversed(), 'provided')).toContain('no validation image of 4 of 5 classes');
});

it('is silent where the images are stored in mixed order, or drawn', () => {
  expect(warningFor(mixed, 'head')).toBeNull();
  expect(warningFor(sorted, 'stratified')).toBeNull();
  for (let seed = 0; seed < 300; seed++) {
    expect(warningFor(sorted, 'shuffled', 200, seed)).toBeNull();
    expect(warningFor(sorted, 'shuffled', 60, seed)).toBeNull();
  }
});

it('is silent about a class that the set itself has no image of', () => {
  expect(
    warningFor(
      mixed.map((label) => Math.min(label, 3)),
      'stratified',
    ),
  ).toBeNull();
});

it('is a warning of the job, once', async () => {
  const toy = await packToy();
  const limited = { name: 'toy', validationSplit: 'head', validationFraction: 0.02 } as const;
  const trained = await trainToy(toy, { dataset: limited, epochs: 1 });
  expect(messagesOf(trained.messages, 'warning')).toMatchObject([
    { code: 'unlike_split', message: expect.stringContaining('no validation image of middle, bottom') },
  ]);
});
