import { InvalidInputError, listJobsQuerySchema, resultsQuerySchema } from '@trainyard/contracts';
import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { submission, succeededJob, useDatabase } from '../fixtures.js';

const suite = useDatabase();
const jobIds: string[] = [];
const testedIds: string[] = [];

/** Seven waiting jobs and nine tested ones, of which most have equal times and accuracies. */
beforeAll(async () => {
  for (let i = 0; i < 7; i++) {
    const { job } = await suite.db.jobs.submit(submission({ experiment: i % 2 ? 'odd' : 'even' }));
    jobIds.push(job.id);
  }
  for (let i = 0; i < 9; i++) testedIds.push(await succeededJob(suite.db, { experiment: 'tested' }, i % 3));
  const client = new pg.Client({ connectionString: suite.url });
  await client.connect();
  await client.query(`UPDATE jobs SET created_at = date_trunc('second', now())`);
  await client.query(`UPDATE test_results SET finished_at = date_trunc('second', now()), training_seconds = 1`);
  await client.end();
});

type Paged = { data: { id?: string; jobId?: string }[]; nextCursor: string | null };

async function walk(list: (cursor: string | undefined) => Promise<Paged>, between = async (_page: number) => {}) {
  const seen: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; ; page++) {
    const { data, nextCursor } = await list(cursor);
    seen.push(...data.map((row) => row.id ?? row.jobId ?? ''));
    if (nextCursor === null) return seen;
    cursor = nextCursor;
    await between(page);
  }
}

const listJobs = (query: Record<string, unknown>) => (cursor: string | undefined) =>
  suite.db.jobs.list(listJobsQuerySchema.parse({ limit: 2, cursor, ...query }));
const listResults = (query: Record<string, unknown>) => (cursor: string | undefined) =>
  suite.db.results.history(resultsQuerySchema.parse({ limit: 2, cursor, ...query }));

test('pages of jobs with equal times neither skip nor repeat, also while jobs are submitted', async () => {
  const all = [...jobIds, ...testedIds];
  const seen = await walk(listJobs({}), async (page) => {
    if (page === 1) await suite.db.jobs.submit(submission({ experiment: 'late' }));
  });
  expect(seen.toSorted()).toEqual(all.toSorted());
});

test('jobs are filtered by state, experiment and architecture', async () => {
  expect((await walk(listJobs({ state: 'succeeded' }))).toSorted()).toEqual(testedIds.toSorted());
  expect((await walk(listJobs({ state: ['queued', 'running'], experiment: 'odd' }))).toSorted()).toEqual(
    jobIds.filter((_, i) => i % 2 === 1).toSorted(),
  );
  expect(await walk(listJobs({ architecture: 'vgg6' }))).toEqual([]);
});

const sorts = ['finishedAt', 'accuracy', 'validationAccuracy', 'validationLoss', 'trainingSeconds'];

test.each(sorts.flatMap((sort) => [sort, `-${sort}`]))(
  'pages of results by %s with equal values neither skip nor repeat',
  async (sort) => {
    const seen = await walk(listResults({ sort }));
    expect(seen.toSorted()).toEqual(testedIds.toSorted());
    const backwards = await walk(listResults({ sort: sort.startsWith('-') ? sort.slice(1) : `-${sort}` }));
    expect(backwards).toEqual(seen.toReversed());
  },
);

test('results are filtered by dataset, architecture, accuracy and date, and sorted', async () => {
  const { data } = await listResults({ sort: '-accuracy', limit: 100 })(undefined);
  expect(data.map((row) => (row as { testAccuracy: number }).testAccuracy)).toEqual([
    0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0, 0, 0,
  ]);
  const count = async (query: Record<string, unknown>) => (await walk(listResults(query))).length;
  expect(await count({ minAccuracy: 0.1, maxAccuracy: 0.15 })).toBe(3);
  expect(await count({ minAccuracy: 0.1 })).toBe(6);
  expect(await count({ dataset: 'cifar10', architecture: 'lenet', experiment: 'tested' })).toBe(9);
  expect(await count({ dataset: 'shapes' })).toBe(0);
  expect(await count({ from: '2020-01-01T00:00:00Z', to: '2021-01-01T00:00:00+01:00' })).toBe(0);
  expect(await count({ from: '2020-01-01T00:00:00Z' })).toBe(9);
});

test('a forged cursor, or one of another order, is refused', async () => {
  const { nextCursor } = await listResults({ sort: 'accuracy' })(undefined);
  await expect(listResults({ sort: '-accuracy' })(nextCursor ?? '')).rejects.toThrow(InvalidInputError);
  const forged = Buffer.from('["createdAt","tomorrow","job_1"]').toString('base64url');
  const nul = Buffer.from('["createdAt","2026-01-01T00:00:00.000Z","job\\u0000"]').toString('base64url');
  for (const cursor of ['nonsense', forged, nul, Buffer.from('[]').toString('base64url')]) {
    await expect(listJobs({ cursor })(cursor)).rejects.toThrow(InvalidInputError);
  }
});

test('a row of the history has its split seed, that of an older job is its seed', async () => {
  const client = new pg.Client({ connectionString: suite.url });
  await client.connect();
  const [older, current] = await Promise.all(
    [{}, { splitSeed: 3 }].map((choice) =>
      succeededJob(suite.db, { experiment: 'seeds', seed: 9, dataset: { name: 'cifar10', ...choice } }),
    ),
  );
  await client.query(`UPDATE jobs SET spec = spec #- '{dataset,splitSeed}' WHERE id = $1`, [older]);
  await client.end();
  const { data } = await listResults({ experiment: 'seeds', limit: 100 })(undefined);
  const seeds = Object.fromEntries(data.map((row) => [row.jobId, (row as { splitSeed: number }).splitSeed]));
  expect(seeds).toEqual({ [older as string]: 9, [current as string]: 3 });
});
