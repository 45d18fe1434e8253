import type { Comparison } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json } from './support/fakeService.js';
import { jobId } from './support/samples.js';

const other = `${jobId.slice(0, -1)}0`;
const common = {
  name: null,
  experiment: 'default',
  state: 'succeeded' as const,
  dataset: 'cifar10',
  datasetVersion: 1,
  parameters: 62_006,
  trainingSeconds: 90,
  bestEpoch: 3,
  total: 1000,
  testLoss: 1.1,
  partial: false,
  kind: 'training' as const,
};
const [low, high] = [
  { low: 0.571, high: 0.632 },
  { low: 0.673, high: 0.728 },
];
const comparison: Comparison = {
  jobs: [
    { ...common, jobId, architecture: 'lenet', seed: 1, testAccuracy: 0.602, correct: 602, testAccuracyInterval: low },
    {
      ...common,
      jobId: other,
      architecture: 'vgg6',
      seed: 1,
      testAccuracy: 0.7,
      correct: 700,
      testAccuracyInterval: high,
    },
  ],
  axis: 'epoch',
  curves: [],
  pairs: [
    {
      a: jobId,
      b: other,
      sameSpec: false,
      difference: 0.602 - 0.7,
      onlyA: 100,
      onlyB: 198,
      method: 'chiSquare',
      statistic: 31.6,
      p: 1.9e-8,
      adjustedP: 1.9e-8,
      significant: true,
      reason: null,
    },
  ],
  leaderboard: [
    { rank: 1, jobId: other, testAccuracy: 0.7, testAccuracyInterval: high, tiedWith: [], notCompared: [] },
    { rank: 2, jobId, testAccuracy: 0.602, testAccuracyInterval: low, tiedWith: [], notCompared: [] },
  ],
  classes: [{ class: 'cat', recall: [0.5, null], difference: [0, null] }],
  specDifferences: [{ field: 'architecture', values: ['lenet', 'vgg6'] }],
  seeds: [{ jobs: [jobId, other], seeds: [1, 2], mean: 0.651, standardDeviation: 0.0693, low: 0.602, high: 0.7 }],
};

async function output(answers: Parameters<typeof fakeService>[0], ...args: string[]) {
  const { env, requests } = await fakeService(answers);
  const { terminal, written } = captureTerminal();
  expect(await run(['compare', ...args], terminal, env)).toBe(0);
  return { lines: written.out.trimEnd().split('\n'), request: requests[0] };
}

it('jobs are listed by rank, with the test of each pair and what differs', async () => {
  const { lines, request } = await output({ 'GET /v1/compare': json(comparison) }, jobId, other, '--classes');
  expect(new URL(request?.url ?? '', 'http://x').searchParams.get('jobs')).toBe(`${jobId},${other}`);
  expect(lines[1]).toMatch(/^B +1 +job_\w+ +vgg6 +70\.00 % +67\.30 to 72\.80 % +1 min 30 s$/);
  expect(lines[2]).toMatch(/^A +2 /);
  expect(lines.slice(4)).toEqual([
    'B is better than A by 9.80 points, p = 1.9e-8 (McNemar, chi-square, Holm)',
    '',
    'A, B: one spec with 2 seeds, 65.10 ± 6.93 % (60.20 to 70.00 %)',
    '',
    'Recall of each class:',
    'class       A    B',
    'cat    50.0 %  N/A',
    '',
    'Differences of the specs:',
    'architecture: lenet, vgg6',
    '',
    'Test accuracy, lighter: the 95 % interval',
    `A   60.20 %  ${'#'.repeat(34)}====`,
    `B   70.00 %  ${'#'.repeat(40)}====`,
  ]);
});

it('the curves of jobs are drawn on one axis, with their letters', async () => {
  const points = [1, 2].map((epoch) => {
    const both = { trainLoss: 1, trainAccuracy: 0.5, validationLoss: 1 / epoch, validationAccuracy: epoch / 4 };
    return { x: epoch, epoch, ...both, best: true };
  });
  const curves = [
    { jobId, points },
    { jobId: other, points: points.map((point) => ({ ...point, x: null })) },
  ];
  const { lines } = await output({ 'GET /v1/compare': json({ ...comparison, curves }) }, jobId, other);
  expect(lines.filter((line) => line.startsWith('Validation'))).toEqual(['Validation accuracy', 'Validation loss']);
  expect(lines.find((line) => line.startsWith('50.0 %'))).toMatch(/A+ A$/);
});

it('with costs, checkpoints are listed by mean cost', async () => {
  const row = { jobId, name: null, architecture: 'lenet', epoch: 3, testAccuracy: 0.6, reason: null };
  const data = [{ ...row, rank: 1, meanCost: 0.545, interval: { low: 0.4, high: 0.7 } }];
  const { terminal, written } = captureTerminal({ input: '[[0, 1], [5, 0]]' });
  const { env, requests } = await fakeService({ 'POST /v1/compare/costs': json({ data, dataset: null }) });
  expect(await run(['compare', jobId, '--costs', '-'], terminal, env)).toBe(0);
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
    jobs: [jobId],
    costs: [
      [0, 1],
      [5, 0],
    ],
  });
  expect(written.out).toMatch(/1 {2}job_\w+ {2}lenet +3 +0\.545 {2}0\.4 to 0\.7/);
});

it('one job alone is a usage error', async () => {
  const { terminal, written } = captureTerminal();
  expect(await run(['compare', jobId], terminal, {})).toBe(2);
  expect(written.error).toContain('two jobs or more');
});
