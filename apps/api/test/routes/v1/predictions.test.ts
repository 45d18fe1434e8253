import type { Prediction } from '@trainyard/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startJob } from '../../support/jobs.js';
import { digestOf, predictionsOf, testedJob } from '../../support/predictions.js';
import { type Service, startService } from '../../support/service.js';

let service: Service;
let digest: string;
/** Takes every cat (3) for a dog (5), ever surer, and all else for what it is. */
let cats: string;
/** Misses image 7 only, which it takes for class 0. */
let seventh: string;

beforeAll(async () => {
  service = await startService();
  digest = await digestOf(service);
  const catsAsDogs = (_: number, label: number) => (label === 3 ? 5 : label);
  cats = await testedJob(
    service,
    predictionsOf(digest, catsAsDogs, (i) => 30_000 + i),
  );
  seventh = await testedJob(
    service,
    predictionsOf(digest, (i, label) => (i === 7 ? 0 : label)),
  );
});
afterAll(() => service.close());

const get = async (path: string) => (await service.agent.get(path).expect(200)).body;
const images = (rows: { image: number }[]) => rows.map(({ image }) => image);

it('the images of a cell of the confusion matrix come page by page, the surest first', async () => {
  const path = `/v1/jobs/${cats}/predictions?actual=cat&predicted=dog&limit=12`;
  const first = await get(path);
  expect(first).toMatchObject({ images: 200, matched: 20, missing: null });
  const second = await get(`${path}&cursor=${first.nextCursor}`);
  expect(second.nextCursor).toBeNull();
  const all = Array.from({ length: 20 }, (_, i) => 193 - 10 * i);
  expect(images([...first.data, ...second.data])).toEqual(all);
  expect(first.data[0]).toEqual({
    image: 193,
    actual: 'cat',
    predicted: 'dog',
    correct: false,
    confidence: 30_193 / 65_535,
    actualProbability: Math.floor((65_535 - 30_193) / 2) / 65_535,
  } satisfies Prediction);
});

it('wrong predictions as CSV have a line each, whatever the limit', async () => {
  const { text } = await service.agent.get(`/v1/jobs/${cats}/predictions?wrong=true&limit=2&format=csv`).expect(200);
  const lines = text.trim().split('\r\n');
  expect(lines[0]).toBe('image,actual,predicted,correct,confidence,actualProbability');
  expect(lines).toHaveLength(21);
  expect(lines[1]).toMatch(/^193,cat,dog,false,/);
});

it('in the order of images, every image comes once', async () => {
  const seen: number[] = [];
  let cursor = '';
  do {
    const page = await get(`/v1/jobs/${seventh}/predictions?sort=image&limit=70${cursor}`);
    seen.push(...images(page.data));
    cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
  } while (cursor !== '');
  expect(seen).toEqual(Array.from({ length: 200 }, (_, i) => i));
});

it('an unknown class, a cursor of another order and an image that is not there are refused', async () => {
  const { body } = await service.agent.get(`/v1/jobs/${cats}/predictions?actual=catt`).expect(400);
  expect(body.errors).toEqual([{ pointer: '/actual', detail: 'did you mean "cat"?' }]);
  await service.agent.get(`/v1/jobs/${cats}/predictions?predicted=%00&format=csv`).expect(400);
  const { nextCursor } = await get(`/v1/jobs/${cats}/predictions?limit=1`);
  await service.agent.get(`/v1/jobs/${cats}/predictions?sort=image&cursor=${nextCursor}`).expect(400);
  await service.agent.get('/v1/datasets/cifar10/predictions/200').expect(404);
  await service.agent.get('/v1/datasets/nothing/predictions').expect(404);
});

it('images come with the runs that miss them, and those that no run gets right', async () => {
  const missed = await get('/v1/datasets/cifar10/predictions?limit=500');
  expect(missed).toMatchObject({ runs: [seventh, cats], matched: 21, images: 200 });
  expect(images(missed.data).toSorted((a, b) => a - b)).toEqual([
    3,
    7,
    ...Array.from({ length: 19 }, (_, i) => 13 + 10 * i),
  ]);
  expect(missed.data.every((row: { missed: number }) => row.missed === 1)).toBe(true);
  const never = await get('/v1/datasets/cifar10/predictions?show=neverRight&runs=1');
  expect(never.data).toMatchObject([{ image: 7, actual: 'horse', missed: 1, takenFor: 'airplane' }]);
  expect((await get('/v1/datasets/cifar10/predictions?show=neverRight')).data).toEqual([]);
});

it('labels are suspected where a network is as sure of another class as it is of that class’s own images', async () => {
  // A run of its own project's dataset version: image 40 (airplane) looks like a bird as much as birds do.
  const sure = predictionsOf(
    digest,
    (i, label) => (i === 40 ? 2 : i === 50 ? 4 : label),
    (i) => (i === 50 ? 20_000 : 30_000),
  );
  await testedJob(service, sure);
  const { data } = await get('/v1/datasets/cifar10/predictions?show=suspected&runs=1');
  expect(data).toMatchObject([{ image: 40, actual: 'airplane', takenFor: 'bird', suspected: 1 }]);
});

it('the runs of one image say what they took it for', async () => {
  const { data } = await get('/v1/datasets/cifar10/predictions/7?wrong=true');
  expect(data).toMatchObject([{ jobId: seventh, predicted: 'airplane', correct: false, confidence: 30_000 / 65_535 }]);
  const first = await get('/v1/datasets/cifar10/predictions/7?limit=1');
  expect((await get(`/v1/datasets/cifar10/predictions/7?cursor=${first.nextCursor}`)).data[0].jobId).toBe(seventh);
});

it('a job of an older version has none and says so; one that was not tested has none at all', async () => {
  const old = await testedJob(service, null);
  const page = await get(`/v1/jobs/${old}/predictions`);
  expect(page).toMatchObject({ data: [], images: null, missing: expect.stringContaining('train the job') });
  expect((await service.agent.get(`/v1/jobs/${old}/predictions?format=csv`).expect(200)).text.trim()).toMatch(
    /^image,/,
  );
  const { jobId } = await startJob(service);
  await service.agent.get(`/v1/jobs/${jobId}/predictions`).expect(404);
});

it('a key of another project sees none of them', async () => {
  const { secret: other } = await service.db.keys.create({ name: 'o', role: 'reader', project: 'other' });
  await service.agent.get(`/v1/jobs/${cats}/predictions`).set('authorization', `Bearer ${other}`).expect(404);
  const { body } = await service.agent
    .get('/v1/datasets/cifar10/predictions')
    .set('authorization', `Bearer ${other}`)
    .expect(200);
  expect(body).toMatchObject({ data: [], runs: [], missing: expect.stringContaining('no run of this project') });
});

it('predictions go with their job', async () => {
  const gone = await testedJob(
    service,
    predictionsOf(digest, () => 9),
  );
  await service.agent.delete(`/v1/jobs/${gone}`).expect(204);
  const { runs } = await get('/v1/datasets/cifar10/predictions');
  expect(runs).not.toContain(gone);
  await service.agent.get(`/v1/jobs/${gone}/predictions`).expect(404);
});
