import { augmentationDraws, permutation, philox, randomWords, toUnit } from '@trainyard/program';
import { expect, it } from 'vitest';

const all = 0xffffffff;

/** philox4x32-10 in `kat_vectors` of the Random123 distribution. */
const knownAnswers = [
  { counter: [0, 0, 0, 0], key: [0, 0], words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  { counter: [all, all, all, all], key: [all, all], words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd] },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
] as const;

it.each(knownAnswers)('philox returns the words of Random123 for key $key', ({ counter, key, words }) => {
  const out = new Uint32Array(6);
  const [counter0, step, block, counter3] = counter;
  philox(out, 1, key[0], key[1], counter0, step, block, counter3);
  expect([...out]).toEqual([0, ...words, 0]);
});

it('a draw depends on its place and not on how many are drawn', () => {
  const many = randomWords(103, 1, 2, 3);
  expect([...randomWords(5, 1, 2, 3)]).toEqual([...many.subarray(0, 5)]);
  expect(new Set(many).size).toBe(103);
});

it('draws differ by seed, stream and step', () => {
  const first = [randomWords(1, 1, 2, 3), randomWords(1, 9, 2, 3), randomWords(1, 1, 9, 3), randomWords(1, 1, 2, 9)];
  expect(new Set(first.map(([word]) => word)).size).toBe(4);
});

it('a word becomes a float in [0, 1) that is exact in fp32', () => {
  expect(toUnit(all)).toBeLessThan(1);
  expect(Math.fround(toUnit(all))).toBe(toUnit(all));
  expect(toUnit(0)).toBe(0);
});

it('a permutation has every number once, and differs at another step', () => {
  const order = permutation(1000, 1, 2, 3);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect([...permutation(1000, 1, 2, 4)]).not.toEqual([...order]);
});

it('crops are inside their image, of the areas and proportions asked for, and everywhere', () => {
  const bounds = { leastScale: 0.25, mostScale: 0.5, leastRatio: 0.5, mostRatio: 2 };
  const [height, width] = [150, 200];
  const words = randomWords(8000, 1, 2, 3);
  const boxes = Array.from({ length: 2000 }, (_, i) =>
    augmentationDraws.crop(words.subarray(4 * i, 4 * i + 4), bounds, height, width),
  );
  for (const box of boxes) {
    expect(box.top).toBeGreaterThanOrEqual(0);
    expect(box.left).toBeGreaterThanOrEqual(0);
    expect(box.top + box.height).toBeLessThanOrEqual(height);
    expect(box.left + box.width).toBeLessThanOrEqual(width);
  }
  // A side that is as long as the image's was cut off, which changes both.
  const whole = boxes.filter((box) => box.height < height && box.width < width);
  const scales = whole.map((box) => (box.height * box.width) / (height * width));
  const ratios = whole.map((box) => box.width / box.height);
  const [smallest, largest] = [Math.min(...scales), Math.max(...scales)];
  expect([smallest, largest].map((scale) => scale.toFixed(2))).toEqual(['0.25', '0.50']);
  expect([Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(1))).toEqual(['0.5', '2.0']);
  const share = (count: number) => count / boxes.length;
  expect(share(whole.filter((_, i) => (ratios[i] as number) > 1).length)).toBeCloseTo(0.5, 1);
  expect(share(boxes.filter(({ top, height: high }) => 2 * top > height - high).length)).toBeCloseTo(0.5, 1);
});
