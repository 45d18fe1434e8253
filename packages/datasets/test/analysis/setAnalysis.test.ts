import { expect, test } from 'vitest';
import { SetAnalysis } from '../../src/analysis/setAnalysis.js';
import { RandomStream } from '../../src/random.js';

const shape: [number, number, number] = [32, 32, 3];
const bytes = 32 * 32 * 3;

/** A picture of its own for each key: soft patches of light, as photos have. */
function photo(key: number, { brightness = 0, noise = 0 } = {}): Uint8Array {
  const random = new RandomStream(key * 7919 + 1);
  const spots = Array.from({ length: 6 }, () => [random.below(32), random.below(32), random.between(-90, 90)] as const);
  return Uint8Array.from({ length: bytes }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % 32, Math.floor(i / 96)];
    const light = spots.reduce((sum, [a, b, size]) => sum + size * Math.exp(-((x - a) ** 2 + (y - b) ** 2) / 60), 0);
    const grain = noise === 0 ? 0 : random.between(-noise, noise);
    return Math.max(0, Math.min(255, 120 + light + brightness + grain));
  });
}

const plain = (value: number) => new Uint8Array(bytes).fill(value);

function analyse(
  train: [label: number, pixels: Uint8Array][],
  test: [label: number, pixels: Uint8Array][],
  trainImages = train.length,
) {
  const sizes = { train: train.length, test: test.length };
  const analysis = new SetAnalysis({ classes: ['cat', 'dog'], imageShape: shape, sizes });
  for (const [section, images] of [['train', train] as const, ['test', test] as const]) {
    for (const [i, [label, pixels]] of images.entries()) analysis.add(section, i, label, pixels, `${section}/${i}`);
  }
  return analysis.warnings((section, index) => `${section}/${index}`, trainImages);
}

const many = (label: number, from: number, count: number) =>
  Array.from({ length: count }, (_, i): [number, Uint8Array] => [label, photo(from + i)]);
const trained = [...many(0, 0, 200), ...many(1, 200, 200)];
const tested = [...many(0, 400, 60), ...many(1, 460, 60)];

test('a set of different pictures has no warnings', () => {
  expect(analyse(trained, tested)).toEqual([]);
});

test('a test image that is a training image, also brighter, paler or with noise, is counted and named', () => {
  const copies: [number, Uint8Array][] = [
    [0, photo(17)],
    [0, photo(18, { brightness: 20 })],
    [1, photo(219, { noise: 12 })],
  ];
  const [warning, ...rest] = analyse(trained, [...tested, ...copies]);
  expect(warning).toBe(
    '3 of 123 test images look like a training or validation image (test/120 = train/17, test/121 = train/18, ' +
      'test/122 = train/219), so that the test flatters; remove one of each pair.',
  );
  expect(rest).toEqual([]);
});

test('one picture in two classes is named', () => {
  const [warning] = analyse([...trained, [1, photo(5)]], tested);
  expect(warning).toMatch(/^1 training images are in two classes \(train\/400 = train\/5\)/);
});

test('pictures of one colour are counted, and all of them said so', () => {
  const [some] = analyse([...trained, [0, plain(0)], [0, plain(255)]], tested);
  expect(some).toMatch(/^2 of 522 images are of one colour \(train\/400, train\/401\)/);
  const all = Array.from({ length: 20 }, (_, i): [number, Uint8Array] => [i % 2, plain(255)]);
  expect(analyse(all, all.slice(0, 4))[0]).toMatch(/^All 24 images are of one colour .*--background/);
});

test.each([4, 5])('nearly black pictures are counted, with values that were shifted by %i bits', (bits) => {
  const dark = photo(3).map((value) => value >> bits);
  expect(analyse([...trained, [0, dark]], tested)[0]).toMatch(/^1 of 521 images are nearly black \(train\/400\)/);
});

test('classes with few training images, or without a test image, are named; validation images do not count', () => {
  const train = [...many(0, 0, 20), ...many(1, 20, 4), ...many(1, 24, 8)];
  const warnings = analyse(train, many(0, 50, 3), 24);
  expect(warnings).toEqual([
    '1 classes have fewer than 10 training images (dog 4); add some.',
    expect.stringMatching(/^1 classes have no test images \(dog\), so that their results are N\/A/),
  ]);
});

test('an image that was left out is in no warning', () => {
  const sizes = { train: 401, test: 1 };
  const analysis = new SetAnalysis({ classes: ['cat', 'dog'], imageShape: shape, sizes });
  for (const [i, [label, pixels]] of trained.entries()) analysis.add('train', i, label, pixels, `train/${i}`);
  expect(analysis.warnings(() => 'x', 401)).toEqual([expect.stringMatching(/^2 classes have no test images/)]);
});

test('a small object at another place of an even ground is another picture', () => {
  const withSpot = (left: number) =>
    Uint8Array.from({ length: bytes }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % 32, Math.floor(i / 96)];
      if (x >= left && x < left + 4 && y >= 14 && y < 18) return 250;
      return y < 10 || y > 22 ? 255 : 120;
    });
  const train = Array.from({ length: 24 }, (_, i): [number, Uint8Array] => [i % 2, withSpot(2 + (i % 2) * 20)]);
  const warnings = analyse(train, [
    [0, withSpot(10)],
    [1, withSpot(13)],
  ]);
  expect(warnings.filter((warning) => warning.includes('look like'))).toEqual([]);
});
