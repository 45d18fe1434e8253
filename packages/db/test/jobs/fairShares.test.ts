import { listJobsQuerySchema } from '@trainyard/contracts';
import { newId } from '@trainyard/db';
import pg from 'pg';
import { beforeEach, expect, it } from 'vitest';
import { submission, useDatabase } from '../fixtures.js';

const suite = useDatabase();

beforeEach(async () => {
  const client = new pg.Client({ connectionString: suite.url });
  await client.connect();
  await client.query('TRUNCATE jobs, projects CASCADE');
  await client.end();
});

const jobsOf = (project: string) => suite.db.database.project(project).jobs;
const submit = async (project: string, count: number, priority = 0): Promise<string[]> => {
  const jobs = Array.from({ length: count }, () => jobsOf(project).submit(submission({ priority })));
  return (await Promise.all(jobs)).map(({ job }) => job.id);
};
const start = async () => suite.db.attempts.openNext(newId('wrk'));
/** The projects of the next starts. */
async function starts(count: number): Promise<string[]> {
  const projects: string[] = [];
  for (let i = 0; i < count; i++) projects.push((await start())?.project ?? '');
  return projects;
}
const countOf = (project: string, projects: string[]) => projects.filter((each) => each === project).length;

/** The queued jobs of all projects in the order of their positions. */
async function inOrder(...projects: string[]): Promise<string[]> {
  const query = listJobsQuerySchema.parse({ state: 'queued', limit: '500' });
  const pages = await Promise.all(projects.map((project) => jobsOf(project).list(query)));
  const jobs = pages.flatMap(({ data }) => data);
  return jobs.sort((a, b) => (a.queuePosition ?? 0) - (b.queuePosition ?? 0)).map(({ id }) => id);
}

it('starts three jobs of a project of weight 3 for one of weight 1, in the order that the list shows', async () => {
  await suite.db.database.shares.setWeight('large', 3);
  await Promise.all([submit('small', 200), submit('large', 200)]);
  const order = await inOrder('large', 'small');
  expect((await suite.db.outbox.queued(500)).map(({ jobId }) => jobId)).toEqual(order);
  const started = [];
  for (let i = 0; i < 100; i++) {
    started.push(await start());
    if (i % 25 === 0) expect(await inOrder('large', 'small')).toEqual(order.slice(i + 1));
  }
  expect(started.map((each) => each?.jobId)).toEqual(order.slice(0, 100));
  const large = started.filter((each) => each?.project === 'large').length;
  expect(large).toBeGreaterThanOrEqual(74);
  expect(large).toBeLessThanOrEqual(76);
});

it('keeps the shares where many workers open jobs at the same moment', async () => {
  await suite.db.database.shares.setWeight('large', 3);
  await Promise.all([submit('small', 120), submit('large', 120)]);
  const opened = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const projects: string[] = [];
      for (let i = 0; i < 10; i++) projects.push((await start())?.project ?? '');
      return projects;
    }),
  );
  expect(countOf('large', opened.flat())).toBeGreaterThanOrEqual(57);
  expect(countOf('large', opened.flat())).toBeLessThanOrEqual(63);
});

it('gives a project that is alone every start, and one that returns no more and no less than its share', async () => {
  await submit('a', 60);
  expect(countOf('a', await starts(20))).toBe(20);
  await submit('b', 40);
  expect(countOf('b', await starts(20))).toBe(10);
  expect(countOf('b', await starts(60))).toBe(30);
  await submit('a', 20);
  await submit('b', 20);
  expect(countOf('a', await starts(20))).toBe(10);
});

it('orders the jobs of a project by priority, which takes nothing from other projects', async () => {
  await submit('b', 10);
  const late = await submit('a', 5);
  const urgent = await submit('a', 5, 100);
  const opened = [];
  for (let i = 0; i < 20; i++) opened.push(await start());
  const ofA = opened.filter((each) => each?.project === 'a').map((each) => each?.jobId);
  expect(ofA).toHaveLength(10);
  expect(new Set(ofA.slice(0, 5))).toEqual(new Set(urgent));
  expect(new Set(ofA.slice(5))).toEqual(new Set(late));
  expect(
    countOf(
      'a',
      opened.slice(0, 10).map((each) => each?.project ?? ''),
    ),
  ).toBe(5);
});

it('counts the starts of deleted jobs', async () => {
  await submit('a', 20);
  await submit('b', 20);
  let ofA = 0;
  for (let i = 0; i < 20; i++) {
    const opened = await start();
    if (!opened) break;
    const { project, jobId, token } = opened;
    if (project !== 'a') continue;
    ofA += 1;
    await suite.db.attempts.fail(token, { code: 'diverged', message: 'NaN' }, { retryable: false });
    await jobsOf('a').delete(jobId);
  }
  expect(ofA).toBe(10);
});

it('changes the shares with the weight, from the next start on', async () => {
  await submit('a', 100);
  await submit('b', 100);
  expect(countOf('a', await starts(20))).toBe(10);
  await suite.db.database.shares.setWeight('a', 9);
  const later = countOf('a', await starts(50));
  expect(later).toBeGreaterThanOrEqual(44);
  expect(later).toBeLessThanOrEqual(46);
  await suite.db.database.shares.setWeight('a', 0.01);
  expect(countOf('b', await starts(30))).toBeGreaterThanOrEqual(29);
});
