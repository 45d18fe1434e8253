import { afterAll, beforeAll, expect, it } from 'vitest';
import { finishedJob } from '../../support/jobs.js';
import { type Service, startService, submit } from '../../support/service.js';

let service: Service;
const odd = `"it's" a\\b, 日本 ?&#%`;
beforeAll(async () => {
  service = await startService();
  await finishedJob(service, { name: odd, tags: ['night', odd], optimizer: { type: 'adam' } }, 100);
  await finishedJob(service, { tags: ['night', 'night'] }, 140);
  await finishedJob(service, { augmentation: { flip: false } }, 140);
  await submit(service, { tags: ['waits'] });
});
afterAll(() => service.close());

const count = async (query: Record<string, unknown>) =>
  (await service.agent.get('/v1/results/facets').query(query).expect(200)).body;

it.each([
  ['architecture', 0, [['lenet', 3]]],
  ['name', 2, [[odd, 1]]],
  [
    'tag',
    1,
    [
      ['night', 2],
      [odd, 1],
    ],
  ],
  [
    'test.accuracy',
    0,
    [
      [0.7, 2],
      [0.5, 1],
    ],
  ],
  [
    'recall."cat"',
    0,
    [
      [0.7, 2],
      [0.5, 1],
    ],
  ],
  [`recall.${JSON.stringify(odd)}`, 3, []],
  [
    'optimizer.type',
    0,
    [
      ['sgd', 2],
      ['adam', 1],
    ],
  ],
  [
    'augmentation.flip',
    0,
    [
      ['alternating', 2],
      [false, 1],
    ],
  ],
  ['dataset.limit', 3, []],
  ['spec.not."there"', 3, []],
])('counts runs by %s', async (field, missing, values) => {
  expect(await count({ field })).toEqual({
    field,
    total: 3,
    missing,
    distinct: values.length,
    values: values.map(([value, runs]) => ({ value, count: runs })),
  });
});

it('counts dates by their day, and objects of the spec as JSON', async () => {
  const today = (await service.agent.get('/v1/results').expect(200)).body.data[0].finishedAt.slice(0, 10);
  const days = (await count({ field: 'finished' })).values.map(({ value }: { value: string }) => value);
  expect(days).toContain(today);
  const [{ value }] = (await count({ field: 'schedule' })).values;
  expect(JSON.parse(value)).toMatchObject({ type: expect.any(String) });
});

it('counts what the filter and the other parameters select, and has as many values as the limit', async () => {
  expect(await count({ field: 'architecture', filter: 'test.accuracy > 0.6 AND tag = night' })).toMatchObject({
    total: 1,
    values: [{ value: 'lenet', count: 1 }],
  });
  expect(await count({ field: 'architecture', minAccuracy: 0.99 })).toMatchObject({
    total: 0,
    distinct: 0,
    values: [],
  });
  expect(await count({ field: 'test.accuracy', limit: 1 })).toMatchObject({
    distinct: 2,
    values: [{ value: 0.7, count: 2 }],
  });
});

it('counts nothing of other projects', async () => {
  const { secret } = await service.db.keys.create({ name: 'o', role: 'reader', project: 'other' });
  const answer = service.anonymous
    .get('/v1/results/facets?field=architecture')
    .set({ authorization: `Bearer ${secret}` });
  expect((await answer.expect(200)).body).toMatchObject({ total: 0, values: [] });
});

it.each([
  [{ field: 'test.acuracy' }, '/field', 'at character 1: there is no field test.acuracy; did you mean test.accuracy?'],
  [{ field: '-name' }, '/field', 'at character 1: expected a field, found "-name"'],
  [{ field: 'name; DROP TABLE jobs' }, '/field', 'at character 5: expected the end'],
  [{ field: `recall."${'\0'}"` }, '/field', 'NUL'],
  [{ field: 'name'.repeat(200) }, '/field', '500'],
  [{ field: 'name', filter: 'nam = 1' }, '/filter', 'did you mean name?'],
  [{ field: 'name', limit: 501 }, '/limit', '500'],
  [{ field: 'name', cursor: 'x' }, '/cursor', ''],
  [{}, '/field', ''],
])('refuses %j', async (query, pointer, detail) => {
  const { body } = await service.agent.get('/v1/results/facets').query(query).expect(400);
  expect(body.errors[0].pointer).toContain(pointer);
  expect(body.errors[0].detail).toContain(detail);
});
