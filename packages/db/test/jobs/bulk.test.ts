import { setTimeout as sleep } from 'node:timers/promises';
import { type BulkRequest, bulkBodySchema, maxBulkJobs } from '@trainyard/contracts';
import { newId } from '@trainyard/db';
import pg from 'pg';
import { expect, it } from 'vitest';
import { eventTypes, openAttempt, runningJob, submission, succeededJob, useDatabase } from '../fixtures.js';

const suite = useDatabase();

const submit = async (spec = {}) => (await suite.db.jobs.submit(submission(spec))).job.id;
const bulk = async (body: BulkRequest) => (await suite.db.jobs.changeAll(bulkBodySchema.parse(body))).answer;

it('cancels each job of the filter once while workers start and end them', async () => {
  const experiment = 'raced';
  const ids = await Promise.all(Array.from({ length: 300 }, () => submit({ experiment })));
  let open = true;
  const failure = { code: 'trainer_crashed' as const, message: 'ended by SIGKILL' };
  const work = async (lane: number) => {
    while (open) {
      const attempt = await suite.db.attempts.openNext(newId('wrk'));
      if (!attempt) return;
      await sleep(lane * 3);
      const beat = await suite.db.attempts.heartbeat(attempt.token);
      if (beat?.state === 'cancelling') await suite.db.attempts.cancelled(attempt.token);
      else if (lane % 2 === 0) await suite.db.attempts.handBack(attempt.token, null);
      else await suite.db.attempts.fail(attempt.token, failure, { retryable: true });
    }
  };
  const workers = Promise.all([0, 1, 2, 3].map(work));
  const [one, two] = await Promise.all([
    bulk({ action: 'cancel', filter: `experiment = ${experiment} AND state = queued` }),
    bulk({ action: 'cancel', filter: `experiment = ${experiment}` }),
  ]);
  await workers;
  open = false;
  expect(one.changed + two.changed).toBe(300);
  expect(two).toMatchObject({ matched: 300, refusedCount: 0 });
  for (const id of ids) {
    expect((await suite.db.jobs.find(id))?.state).toBe('cancelled');
    const types = await eventTypes(suite.db, id);
    expect(types.filter((type) => type === 'cancelled')).toHaveLength(1);
    expect(types.filter((type) => type === 'cancelling').length).toBeLessThanOrEqual(1);
    expect(types.at(-1)).toBe('cancelled');
  }
});

it('cancels a job that a worker has started since the filter was evaluated', async () => {
  const id = await submit({ experiment: 'started' });
  const result = suite.db.jobs.changeAll(
    bulkBodySchema.parse({ action: 'cancel', filter: 'experiment = started AND state = queued' }),
    {
      room: async (count) => {
        await openAttempt(suite.db, id);
        return { count, reason: '' };
      },
    },
  );
  expect((await result).answer).toMatchObject({ matched: 1, changed: 1 });
  expect((await suite.db.jobs.find(id))?.state).toBe('cancelling');
});

it('counts without changing anything, and says which jobs are refused and why', async () => {
  const experiment = 'mixed';
  const queued = await submit({ experiment });
  const done = await succeededJob(suite.db, { experiment });
  const cancelled = await submit({ experiment });
  await suite.db.jobs.cancel(cancelled);
  const filter = `experiment = ${experiment}`;
  const counts = {
    matched: 3,
    changed: 1,
    unchanged: 1,
    refusedCount: 1,
    refused: [{ id: done, reason: `a job that has succeeded or failed cannot be cancelled; job ${done} is succeeded` }],
  };
  expect(await bulk({ action: 'cancel', filter, dryRun: true })).toEqual({ action: 'cancel', dryRun: true, ...counts });
  expect((await suite.db.jobs.find(queued))?.state).toBe('queued');
  expect(await bulk({ action: 'cancel', filter })).toEqual({ action: 'cancel', dryRun: false, ...counts });
  expect(await bulk({ action: 'cancel', filter })).toMatchObject({ changed: 0, unchanged: 2 });
});

it('queues failed and cancelled jobs again, as many as there is room for', async () => {
  const experiment = 'again';
  const ids = [await submit({ experiment }), await submit({ experiment }), await submit({ experiment })];
  await bulk({ action: 'cancel', filter: `experiment = ${experiment}` });
  const body = bulkBodySchema.parse({ action: 'retry', filter: `experiment = ${experiment}` });
  const { answer, changed } = await suite.db.jobs.changeAll(body, {
    room: async () => ({ count: 2, reason: 'the queue is full' }),
  });
  expect(changed).toEqual(ids.slice(0, 2));
  expect(answer.refused).toEqual([{ id: ids[2], reason: 'the queue is full' }]);
  expect(await suite.db.jobs.find(ids[0] ?? '')).toMatchObject({ state: 'queued', attempt: 2 });
  expect(await eventTypes(suite.db, ids[0] ?? '')).toEqual(['submitted', 'cancelled', 'retried']);
  const { rows } = await withClient((client) =>
    client.query('SELECT job_id, attempt FROM outbox WHERE attempt = 2 AND job_id = ANY($1) ORDER BY job_id', [ids]),
  );
  expect(rows).toEqual(changed.map((id) => ({ job_id: id, attempt: 2 })));
});

it('adds and removes tags, with an event for each job that changes', async () => {
  const odd = `it's "odd" \\ {},`;
  const one = await submit({ experiment: 'tags', tags: ['a'] });
  const full = await submit({ experiment: 'tags', tags: Array.from({ length: 31 }, (_, i) => `t${i}`) });
  const filter = 'experiment = tags';
  const answer = await bulk({ action: 'tag', filter, tags: ['a', odd, 'z', odd] });
  expect(answer).toMatchObject({ matched: 2, changed: 1, refused: [{ id: full }] });
  expect(await suite.db.jobs.find(one)).toMatchObject({ tags: ['a', odd, 'z'], spec: { tags: ['a', odd, 'z'] } });
  expect(await bulk({ action: 'untag', filter, tags: [odd, 'absent'] })).toMatchObject({ changed: 1, unchanged: 1 });
  const events = await suite.db.events.list(one, 1, 10);
  expect(events).toMatchObject([
    { sequence: 2, type: 'changed', data: { from: { tags: ['a'] }, to: { tags: ['a', odd, 'z'] } } },
    { sequence: 3, type: 'changed', data: { from: { tags: ['a', odd, 'z'] }, to: { tags: ['a', 'z'] } } },
  ]);
});

it('deletes the jobs that have ended, and leaves their ids to the sweeper', async () => {
  const done = await succeededJob(suite.db, { experiment: 'gone' });
  const { jobId } = await runningJob(suite.db, { experiment: 'gone' });
  const answer = await bulk({ action: 'delete', filter: 'experiment = gone' });
  expect(answer).toMatchObject({ matched: 2, changed: 1, refused: [{ id: jobId }] });
  expect(await suite.db.jobs.find(done)).toBeNull();
  expect(await suite.db.deletions.list(10)).toContain(done);
});

it('refuses a filter that names too many jobs, and sees no other project', async () => {
  await withClient((client) =>
    client.query(`
      INSERT INTO jobs (id, project, state, experiment, tags, notes, priority, architecture, parameters, dataset, spec,
        max_attempts, finished_at)
      SELECT 'job_' || i, 'crowded', 'succeeded', 'e', '{}', '', 0, 'a', 1, 'd', '{}', 3, now()
      FROM generate_series(1, ${maxBulkJobs + 1}) i`),
  );
  const crowded = suite.db.database.project('crowded').jobs;
  const body = bulkBodySchema.parse({ action: 'tag', tags: ['x'], filter: 'experiment = e' });
  await expect(crowded.changeAll(body)).rejects.toMatchObject({
    faults: [{ pointer: '/filter', detail: expect.stringContaining('at most 10000 jobs; narrow it') }],
  });
  expect(await bulk({ action: 'tag', tags: ['x'], filter: 'experiment = e' })).toMatchObject({ matched: 0 });
});

async function withClient<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: suite.url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
