import type { Comparison } from '@trainyard/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finishedJob, startJob } from '../../support/jobs.js';
import { digestOf, predictionsOf, testedJob } from '../../support/predictions.js';
import { type Service, startService } from '../../support/service.js';

let service: Service;
/** Two seeds of one spec that miss other images, a run that is far better, one without predictions. */
let jobs: { one: string; two: string; better: string; old: string; otherImages: string };

/** Misses the images for which `misses` holds: takes them for the class after theirs. */
const missing = (digest: string, misses: (i: number) => boolean) =>
  predictionsOf(digest, (i, label) => (misses(i) ? (label + 1) % 10 : label));

beforeAll(async () => {
  service = await startService();
  const digest = await digestOf(service);
  const spec = { architecture: 'lenet', epochs: 3 };
  jobs = {
    one: await testedJob(
      service,
      missing(digest, (i) => i < 60),
      { ...spec, seed: 1, name: 'one' },
    ),
    two: await testedJob(
      service,
      missing(digest, (i) => i >= 5 && i < 66),
      { ...spec, seed: 2 },
    ),
    better: await testedJob(
      service,
      missing(digest, (i) => i < 10),
      { architecture: 'cnn3', epochs: 3, seed: 1 },
    ),
    old: await testedJob(service, null, { ...spec, seed: 4 }),
    otherImages: await testedJob(
      service,
      missing('e'.repeat(64), (i) => i < 60),
      { ...spec, seed: 5 },
    ),
  };
});
afterAll(() => service.close());

const compare = async (ids: string[], rest = ''): Promise<Comparison> =>
  (await service.agent.get(`/v1/compare?jobs=${ids.join(',')}${rest}`).expect(200)).body;
const pairOf = ({ pairs }: Comparison, a: string, b: string) => pairs.find((pair) => pair.a === a && pair.b === b);

it('two seeds of one spec tie, and a run that is far better does not', async () => {
  const { one, two, better } = jobs;
  const compared = await compare([one, two, better]);
  expect(pairOf(compared, one, two)).toMatchObject({
    onlyA: 6,
    onlyB: 5,
    sameSpec: true,
    method: 'exact',
    p: 1,
    significant: false,
  });
  expect(pairOf(compared, one, better)).toMatchObject({
    onlyA: 0,
    onlyB: 50,
    method: 'chiSquare',
    statistic: 49 ** 2 / 50,
    significant: true,
  });
  expect(compared.leaderboard.map(({ rank, jobId, tiedWith }) => ({ rank, jobId, tiedWith }))).toEqual([
    { rank: 1, jobId: better, tiedWith: [] },
    { rank: 2, jobId: one, tiedWith: [two] },
    { rank: 2, jobId: two, tiedWith: [one] },
  ]);
  expect(compared.seeds).toMatchObject([
    { jobs: [one, two], seeds: [1, 2], mean: 0.6975, low: 0.695, high: 0.7 },
    { jobs: [better], standardDeviation: null },
  ]);
});

it('seeds of one spec tie also where their networks differ significantly', async () => {
  const digest = await digestOf(service);
  const worse = await testedJob(
    service,
    missing(digest, (i) => i < 120),
    { architecture: 'lenet', epochs: 3, seed: 9 },
  );
  const { pairs, leaderboard } = await compare([jobs.one, worse]);
  expect(pairs[0]).toMatchObject({ onlyA: 60, onlyB: 0, sameSpec: true, significant: false });
  expect(pairs[0]?.adjustedP).toBeLessThan(1e-9);
  expect(leaderboard.map(({ rank }) => rank)).toEqual([1, 1]);
});

it('the smallest p-values are corrected for the number of pairs', async () => {
  const { pairs } = await compare([jobs.one, jobs.two, jobs.better]);
  const sorted = pairs.toSorted((a, b) => Number(a.p) - Number(b.p));
  expect(sorted[0]?.adjustedP).toBeCloseTo(3 * Number(sorted[0]?.p), 15);
  expect(sorted[2]?.adjustedP).toBe(1);
});

it('accuracies come with intervals, classes with differences from the first job, specs with what differs', async () => {
  const compared = await compare([jobs.one, jobs.better]);
  const [one] = compared.jobs;
  expect(one).toMatchObject({ name: 'one', testAccuracy: 0.7, correct: 140, total: 200, seed: 1, partial: false });
  expect(one?.testAccuracyInterval?.low).toBeCloseTo(0.6332, 4);
  expect(one?.testAccuracyInterval?.high).toBeCloseTo(0.7593, 4);
  expect(compared.classes).toHaveLength(10);
  expect(compared.classes[0]).toMatchObject({ class: 'airplane', difference: [0, 0] });
  const fields = compared.specDifferences.map(({ field }) => field);
  expect(fields).toContain('architecture');
  expect(fields).not.toContain('name');
  expect(fields).not.toContain('seed');
});

it('curves have an axis of epochs or seconds, and of many epochs so many points', async () => {
  const byEpoch = await compare([jobs.one, jobs.two]);
  expect(byEpoch.curves[1]?.points.map(({ x }) => x)).toEqual([1, 2]);
  const bySeconds = await compare([jobs.one, jobs.two], '&axis=seconds');
  expect(bySeconds.curves[0]?.points.map(({ x }) => x)).toEqual([2, 4]);
  // Its checkpoints would say the steps; these jobs have none.
  expect((await compare([jobs.one, jobs.two], '&axis=step')).curves[0]?.points[0]?.x).toBeNull();
});

it('curves come alone too, of one job and of jobs without an epoch', async () => {
  const { jobId: running } = await startJob(service);
  const withCheckpoints = await finishedJob(service);
  const curves = (ids: string[], rest = '') => service.agent.get(`/v1/curves?jobs=${ids.join(',')}${rest}`);
  const { body } = await curves([running, withCheckpoints, jobs.one], '&axis=step').expect(200);
  expect(body.data.map(({ jobId }: { jobId: string }) => jobId)).toEqual([running, withCheckpoints, jobs.one]);
  expect(body.data[0].points).toEqual([]);
  expect(body.data[1].points).toMatchObject([
    { x: 40, epoch: 1 },
    { x: 80, epoch: 2 },
  ]);
  expect((await curves([jobs.one]).expect(200)).body.data).toEqual([(await compare([jobs.one, jobs.two])).curves[0]]);
  await curves([]).expect(400);
  await curves([jobs.one, 'job_00000000000000000000000000']).expect(404);
  const { secret } = await service.db.keys.create({ name: 'c', role: 'reader', project: 'other' });
  await curves([jobs.one]).set('authorization', `Bearer ${secret}`).expect(404);
});

it('pairs that cannot be compared say why, and are no ties', async () => {
  const { jobId: untested } = await startJob(service);
  const { one, old, otherImages } = jobs;
  const compared = await compare([one, old, otherImages, untested]);
  expect(pairOf(compared, one, old)).toMatchObject({ p: null, reason: `no predictions of ${old} are kept` });
  expect(pairOf(compared, one, otherImages)?.reason).toBe('the jobs were tested on different images');
  expect(pairOf(compared, one, untested)).toMatchObject({ difference: null, reason: `${untested} was not tested` });
  expect(compared.leaderboard).toHaveLength(3);
  for (const { tiedWith, notCompared } of compared.leaderboard)
    expect([tiedWith.length, notCompared.length]).toEqual([0, 2]);
});

it('wrong lists of jobs are refused', async () => {
  const { one } = jobs;
  await service.agent.get('/v1/compare').expect(400);
  await service.agent.get(`/v1/compare?jobs=${one}`).expect(400);
  const { body } = await service.agent.get(`/v1/compare?jobs=${one},${one}`).expect(400);
  expect(body.errors).toMatchObject([{ pointer: '/jobs', detail: expect.stringContaining('once') }]);
  await service.agent.get(`/v1/compare?jobs=${one},%00`).expect(400);
  await service.agent.get(`/v1/compare?jobs=${one}&jobs=job_00000000000000000000000000`).expect(404);
  const { secret } = await service.db.keys.create({ name: 'o', role: 'reader', project: 'other' });
  await service.agent.get(`/v1/compare?jobs=${one},${jobs.two}`).set('authorization', `Bearer ${secret}`).expect(404);
});

/** A cost of 1 for each mistake, and of 100 where an airplane (0) is taken for an automobile (1). */
const costs = Array.from({ length: 10 }, (_, i) =>
  Array.from({ length: 10 }, (_, j) => (i === j ? 0 : i === 0 && j === 1 ? 100 : 1)),
);
const rank = (body: object) => service.agent.post('/v1/compare/costs').send(body);

it('the best checkpoint is that of the lowest mean cost, with an interval', async () => {
  const { one, two, better, old, otherImages } = jobs;
  const { body } = await rank({ jobs: [one, two, better, old, otherImages], costs }).expect(200);
  expect(body.dataset).toMatchObject({ name: 'cifar10', version: 3 });
  // one misses 6 airplanes and 54 others, two misses 6 and 55, better misses 1 and 9.
  expect(body.data).toMatchObject([
    { rank: 1, jobId: better, meanCost: 109 / 200, reason: null },
    { rank: 2, jobId: one, meanCost: 654 / 200 },
    { rank: 3, jobId: two, meanCost: 655 / 200 },
    { rank: null, jobId: old, meanCost: null, reason: 'no predictions of it are kept' },
    { rank: null, jobId: otherImages, reason: 'it was tested on other images' },
  ]);
  const { interval } = body.data[0];
  expect((interval.low + interval.high) / 2).toBeCloseTo(109 / 200, 12);
});

it('costs that do not fit the classes are refused, at their place', async () => {
  const small = await rank({ jobs: [jobs.one], costs: [[0]] }).expect(400);
  expect(small.body.errors).toMatchObject([{ pointer: '/costs', detail: expect.stringContaining('10 rows') }]);
  const { body } = await rank({ jobs: [jobs.one], costs: [[0, 1], [1]] }).expect(400);
  expect(body.errors).toMatchObject([
    { pointer: '/costs', detail: expect.stringContaining('as many rows as columns') },
  ]);
  await rank({ jobs: [jobs.one], costs: [['x']] }).expect(400);
  await rank({ jobs: [], costs }).expect(400);
});
