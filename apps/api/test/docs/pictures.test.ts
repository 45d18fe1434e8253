import type { Job, TestResults } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { drawChannels } from '#services/charts/channels.js';
import { drawComparison } from '#services/charts/comparison.js';
import { drawConfusion } from '#services/charts/confusion.js';
import { drawCurves } from '#services/charts/curves.js';
import { metricsOf, resultsOf } from '../support/jobs.js';

/*
 * The pictures of docs/api.md, of numbers that are made up. After a change of a picture:
 *   npm run generate:pictures
 */
const expectPicture = (name: string, svg: string) =>
  expect(svg).toMatchFileSnapshot(`../../../../docs/pictures/${name}.svg`);

/** From `start` to `end` in 30 epochs, fast at first. */
const course = (start: number, end: number, epoch: number) =>
  Number((end + (start - end) / (1 + (epoch - 1) / 4)).toFixed(4));

it('curves', () => {
  const epochs = Array.from({ length: 30 }, (_, i) => ({
    ...metricsOf(i + 1),
    trainLoss: course(2.1, 0.3, i + 1),
    trainAccuracy: course(0.25, 0.95, i + 1),
    validationLoss: Number((course(1.9, 0.5, i + 1) + Math.max(0, i - 18) * 0.012).toFixed(4)),
    validationAccuracy: course(0.32, 0.85, i + 1),
    best: i === 18,
  }));
  return expectPicture('curves', drawCurves('vgg6, tuned', epochs));
});

it('a confusion matrix', () => {
  const results = resultsOf(150);
  const confusion = results.classes.map((_, i) =>
    results.classes.map((__, j) => {
      if (i === j) return 70 + ((i * 13) % 25);
      return (i * 7 + j * 11) % 5 === 0 || (i === 3 && j === 5) ? 2 + ((i * j) % 17) : 0;
    }),
  );
  const total = confusion.flat().reduce((a, b) => a + b, 0);
  const correct = confusion.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
  return expectPicture('confusion', drawConfusion('cnn3', { ...results, confusion, correct, total } as TestResults));
});

it('a comparison', () => {
  const job = (name: string, correct: number | null, trainingSeconds: number) => {
    const test = correct === null ? null : { correct, total: 10_000, accuracy: correct / 10_000 };
    return { id: 'job_00000000000000000000000000', name, architecture: name, trainingSeconds, test } as Job;
  };
  const jobs = [
    job('lenet', 6340, 71),
    job('cnn3', 7420, 162),
    job('vgg6, tuned', 8710, 402),
    job('airbench94', null, 30),
  ];
  return expectPicture('compare', drawComparison(jobs));
});

it('the channels of an image: an orange disc on blue', () => {
  const [height, width] = [11, 12];
  const pixels = Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const [x, y, channel] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    const distance = (x - 5.5) ** 2 + (y - 5) ** 2;
    const [sky, disc] = [
      [70 + 4 * y, 130 + 5 * y, 235 - 2 * y],
      [250 - distance, 190 - 3 * distance, 40 + distance],
    ];
    return (distance < 17 ? disc : sky)[channel] ?? 0;
  });
  return expectPicture('channels', drawChannels('An orange disc on blue', pixels, [height, width, 3]));
});
