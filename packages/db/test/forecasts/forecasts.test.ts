import { newId } from '@trainyard/db';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectedStarts, type QueueState } from '../../src/forecasts/expectedStart.js';
import { checkpoint, metrics, openAttempt, submission, testResults, useDatabase } from '../fixtures.js';

const suite = useDatabase();
let client: pg.Client;
beforeAll(async () => {
  client = new pg.Client({ connectionString: suite.url });
  await client.connect();
});
afterAll(() => client.end());

const submit = async (spec = {}) => (await suite.db.jobs.submit(submission(spec))).job;

/** A job of two epochs of `epochSeconds` that took four seconds more. */
async function finished(epochSeconds: number, waited: number): Promise<string> {
  const { id } = await submit({ epochs: 2 });
  const { token } = await openAttempt(suite.db, id);
  for (const epoch of [1, 2]) {
    const seconds = { trainSeconds: epochSeconds - 0.5, validationSeconds: 0.5 };
    await suite.db.attempts.epoch(token, metrics(epoch, seconds), checkpoint(id, 1, epoch));
  }
  await suite.db.attempts.succeed(token, testResults(2));
  await client.query(
    `UPDATE jobs SET created_at = finished_at - make_interval(secs => $2::float8),
      started_at = finished_at - make_interval(secs => $3::float8) WHERE id = $1`,
    [id, 2 * epochSeconds + 4 + waited, 2 * epochSeconds + 4],
  );
  return id;
}

async function connectWorker() {
  const worker = { hostname: 'h', pid: 1, executor: 'native', device: 'cpu', memoryBytes: 8e9, fault: null };
  await suite.db.database.workers.heartbeat({ id: newId('wrk'), ...worker, jobId: null, attempt: null });
}

/** What was read for a forecast serves for a second. */
const forget = () => new Promise((resolve) => setTimeout(resolve, 1100));

it('forecasts the run from similar jobs, the start from what others waited, and says what it lacks', async () => {
  const first = await submit();
  expect(first.forecast).toMatchObject({ startSeconds: null, runSeconds: null, similarJobs: 0 });
  expect(first.forecast?.reason).toMatch(/^no worker is connected; the time of the run is unknown: 0 of 3 similar/);
  expect(await suite.db.jobs.find(first.id)).toEqual(first);
  await suite.db.jobs.cancel(first.id);

  await connectWorker();
  await forget();
  for (const epochSeconds of [9, 10, 11]) await finished(epochSeconds, 1);
  await forget();
  const next = await submit({ epochs: 10 });
  expect(next.forecast).toMatchObject({ similarJobs: 3, reason: 'a worker is free' });
  const { runSeconds, startSeconds } = next.forecast ?? {};
  expect(runSeconds?.p10).toBeCloseTo((4 + 90) / 1.25, 1);
  expect(runSeconds?.p50).toBeCloseTo(4 + 100, 1);
  expect(runSeconds?.p90).toBeCloseTo((4 + 110) * 1.25, 1);
  expect(startSeconds?.p50).toBeCloseTo(1, 1);

  const other = await submit({ epochs: 10, batchSize: 64 });
  expect(other.forecast).toMatchObject({ similarJobs: 0, runSeconds: null });
  expect(other.forecast?.reason).toContain('0 of 3 similar jobs');
});

it('takes tests of checkpoints for no trainings, and trainings for no tests', async () => {
  const spec = { epochs: 2, batchSize: 32 };
  const source = { jobId: newId('job'), epoch: 2, weightsSha256: '', validationLoss: 1, validationAccuracy: 0.5 };
  const submitTest = async () => (await suite.db.jobs.submit(submission(spec, { source }))).job;
  for (let i = 0; i < 3; i++) {
    const { id } = await submitTest();
    const { token } = await openAttempt(suite.db, id);
    await suite.db.attempts.succeed(token, testResults(2), { epochs: 0 });
    await client.query(`UPDATE jobs SET started_at = finished_at - interval '3 s' WHERE id = $1`, [id]);
  }
  await forget();
  const [next, training] = [await submitTest(), await submit(spec)];
  expect(next.forecast).toMatchObject({ similarJobs: 3 });
  expect(next.forecast?.runSeconds?.p50).toBeCloseTo(3, 1);
  expect(training.forecast).toMatchObject({ similarJobs: 0, runSeconds: null });
});

it('counts the forecasts that were right', async () => {
  for (const { jobId } of await suite.db.outbox.queued(10)) await suite.db.jobs.cancel(jobId);
  await connectWorker();
  await forget();
  const before = await suite.db.database.forecasts.scores();
  await finished(10, 1);
  await finished(100, 50);
  const { start, run } = await suite.db.database.forecasts.scores();
  expect([start.count - before.start.count, start.within - before.start.within]).toEqual([2, 1]);
  expect([run.count - before.run.count, run.within - before.run.within]).toEqual([2, 1]);
  expect(await suite.db.database.statistics()).toMatchObject({
    runForecasts: run.count,
    runForecastsRight: run.within,
    startForecasts: start.count,
    startForecastsRight: start.within,
  });
});

const running = (seconds: number, expected: number | null) => ({ seconds, expected, progress: null });

it.each<[Partial<QueueState>, number, number | null]>([
  [{ workers: 0 }, 0, null],
  [{ workers: 1 }, 0, 0],
  [{ workers: 1, typicalSeconds: null, running: [running(3, 10)] }, 0, null],
  [{ workers: 1, running: [running(3, 10)] }, 0, 7],
  [{ workers: 1, running: [running(13, 10)] }, 0, 0],
  [{ workers: 1, running: [running(3, null)], queued: [20, null, 1] }, 2, 17 + 20 + 20],
  [{ workers: 2, running: [running(0, 10)], queued: [30, 5, 5, 1] }, 4, 21],
  [{ workers: 1, running: [running(0, 10), running(0, 30)] }, 0, 30],
])('a job starts when the jobs before it leave a worker free: %j, position %i', (state, position, seconds) => {
  const complete = { workers: 1, typicalSeconds: 20, running: [], queued: [], ...state };
  expect(expectedStarts(complete)(position)).toBe(seconds);
});
