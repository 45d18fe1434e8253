import { expect, test } from 'vitest';
import type { ListedPicture, Listing, SourceSplit } from '../../src/importers/listing.js';
import { arrange } from '../../src/sets/arrange.js';
import { parseOptions } from '../../src/sets/options.js';

function listing(pictures: ListedPicture[], more: Partial<Listing> = {}): Listing {
  return { pictures, classes: null, notes: [], warnings: [], suggestedName: null, async *read() {}, ...more };
}

const pictures = (split: SourceSplit, className: string, count: number, folder = ''): ListedPicture[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `${folder}${split ?? ''}/${className}/${String(i).padStart(3, '0')}.png`,
    split,
    className,
  }));

const named = (list: Listing, options = {}) => {
  const { labels, places, inTest, counts, classes, notes } = arrange(list, parseOptions(options), 'pets');
  const images = list.pictures.map(({ name }, i) => ({
    name,
    label: labels[i] as number,
    place: `${inTest(i) ? 'test' : 'train'} ${places[i]}`,
  }));
  return { images, counts, classes, notes };
};

test('images get their places by class and name, whatever the order in the source is', () => {
  const all = [...pictures('train', 'dog', 2), ...pictures('train', 'cat', 2), ...pictures('test', 'cat', 1)];
  const { images, classes } = named(listing(all));
  expect(classes).toEqual(['cat', 'dog']);
  expect(images).toEqual([
    { name: 'train/dog/000.png', label: 1, place: 'train 2' },
    { name: 'train/dog/001.png', label: 1, place: 'train 3' },
    { name: 'train/cat/000.png', label: 0, place: 'train 0' },
    { name: 'train/cat/001.png', label: 0, place: 'train 1' },
    { name: 'test/cat/000.png', label: 0, place: 'test 0' },
  ]);
  const backwards = named(listing([...all].reverse()));
  expect([...backwards.images].reverse()).toEqual(images);
});

test('a validation split has its places after all training images', () => {
  const all = [
    ...pictures('train', 'a', 2),
    ...pictures('validation', 'a', 1),
    ...pictures('validation', 'b', 1),
    ...pictures('train', 'b', 1),
    ...pictures('test', 'b', 1),
  ];
  const { images, counts } = named(listing(all));
  expect(counts).toEqual({ train: 3, validation: 2, test: 1 });
  expect(images.map(({ place }) => place)).toEqual(['train 0', 'train 1', 'train 3', 'train 4', 'train 2', 'test 0']);
});

test('without any split, a fifth of each class is drawn by seed, alike in any order and below any folder', () => {
  const all = [...pictures(null, 'a', 50), ...pictures(null, 'b', 10)];
  const { images, counts, notes } = named(listing(all));
  expect(counts).toEqual({ train: 48, validation: 0, test: 12 });
  const testOf = (result: ReturnType<typeof named>) =>
    result.images.filter(({ place }) => place.startsWith('test')).map(({ name }) => name.replace(/^set/, ''));
  expect(testOf({ images, counts, notes, classes: [] }).filter((name) => name.startsWith('/b/'))).toHaveLength(2);
  expect(notes).toEqual(['Each class was split by seed 1 into 80 % train, 20 % test (--split, --split-seed).']);
  const moved = [...pictures(null, 'a', 50, 'set'), ...pictures(null, 'b', 10, 'set')].reverse();
  expect(testOf(named(listing(moved))).sort()).toEqual(testOf({ images, counts, notes, classes: [] }).sort());
  const others = named(listing(all), { splitSeed: 2 });
  expect(testOf(others).sort()).not.toEqual(testOf({ images, counts, notes, classes: [] }).sort());
});

test('a source without a test split gets one from its training images; its validation split stays', () => {
  const all = [
    ...pictures('train', 'a', 10),
    ...pictures('train', 'b', 10),
    ...pictures('validation', 'a', 3),
    ...pictures('validation', 'b', 3),
  ];
  const { counts, notes } = named(listing(all));
  expect(counts).toEqual({ train: 16, validation: 6, test: 4 });
  expect(notes[0]).toMatch(/no test split: 4 of its training images, 20 % of each class, drawn by seed 1/);
});

test('--split draws all three splits again, and says what it replaces', () => {
  const all = [...pictures('train', 'a', 10), ...pictures('test', 'a', 10), ...pictures('train', 'b', 20)];
  const { counts, notes } = named(listing(all), { split: '70%/10%/20%' });
  expect(counts).toEqual({ train: 28, validation: 4, test: 8 });
  expect(notes[0]).toMatch(/70 % train, 10 % validation, 20 % test instead of the source's own train, test/);
});

test('a class of two images has one in train and one in test', () => {
  const { counts } = named(listing([...pictures(null, 'a', 2), ...pictures(null, 'b', 2)]));
  expect(counts).toEqual({ train: 2, validation: 0, test: 2 });
});

test('--classes keeps these classes, in this order', () => {
  const all = ['a', 'b', 'c'].flatMap((name) => [...pictures('train', name, 2), ...pictures('test', name, 1)]);
  const { classes, counts, images } = named(listing(all), { classes: ['c', 'a'] });
  expect(classes).toEqual(['c', 'a']);
  expect(counts).toEqual({ train: 4, validation: 0, test: 2 });
  expect(images.filter(({ name }) => name.includes('/b/')).map(({ label }) => label)).toEqual([-1, -1, -1]);
  expect(() => named(listing(all), { classes: ['a', 'd'] })).toThrow('no class d; its classes are a, b, c');
});

test('a listing with stored order keeps it within each split', () => {
  const all = [...pictures('train', 'b', 1), ...pictures('test', 'a', 1), ...pictures('train', 'a', 1)];
  const { images } = named(listing(all, { order: 'stored', classes: ['b', 'a'] }));
  expect(images.map(({ place, label }) => [place, label])).toEqual([
    ['train 0', 0],
    ['test 0', 1],
    ['train 1', 1],
  ]);
});

test.each([
  ['one class', [...pictures('train', 'a', 3), ...pictures('test', 'a', 1)], 'only the class a'],
  [
    'a class that is not trained',
    [...pictures('train', 'a', 3), ...pictures('train', 'b', 3), ...pictures('test', 'c', 1)],
    '--classes a,b',
  ],
  [
    'only a test split',
    [...pictures('test', 'a', 3), ...pictures('test', 'b', 3)],
    'no train images (0 train, 0 validation, 6 test); add some, or let all be split by seed',
  ],
  ['nothing', [], 'contains no images'],
] as const)('a listing with %s is refused, and the error says what to do', (_, all, message) => {
  expect(() => named(listing([...all]))).toThrow(message);
});

test.each([
  [{ split: '0.8/0.3' }, 'add up to 1.1'],
  [{ split: '100%/0%' }, 'leave nothing'],
  [{ fit: 'contain' as const }, 'needs a size'],
  [{ size: '2000' }, 'over 1024'],
  [{ classes: ['a', 'a'] }, 'given twice'],
])('the options %j are refused', (options, message) => {
  expect(() => parseOptions(options)).toThrow(message);
});

test('a size is width x height', () => {
  expect(parseOptions({ size: '48x32' }).size).toEqual([32, 48]);
  expect(parseOptions({ size: '48' }).size).toEqual([48, 48]);
});
