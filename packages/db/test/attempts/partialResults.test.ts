import { type Failure, resultsQuerySchema } from '@trainyard/contracts';
import { LostEpochsError } from '@trainyard/db';
import { expect, test } from 'vitest';
import {
  checkpoint,
  eventTypes,
  metrics,
  openAttempt,
  runningJob,
  succeededJob,
  testResults,
  useDatabase,
} from '../fixtures.js';

const suite = useDatabase();
const diverged: Failure = { code: 'diverged', message: 'the training loss of epoch 3 is not a finite number' };
const results = { ...testResults(1), partial: true };

/** A job whose first epoch is its best, and which diverges in the third. */
async function divergedJob(experiment: string) {
  const { jobId, token } = await runningJob(suite.db, { experiment, epochs: 5 });
  await suite.db.attempts.epoch(token, metrics(1), checkpoint(jobId, 1, 1));
  await suite.db.attempts.epoch(token, metrics(2, { best: false }), checkpoint(jobId, 1, 2, 0, 1));
  const { state } = await suite.db.attempts.fail(token, diverged, { retryable: false, results });
  expect(state).toBe('failed');
  return jobId;
}

const historyOf = async (query: object) =>
  (await suite.db.results.history(resultsQuerySchema.parse(query))).data.map(({ jobId, partial }) => [jobId, partial]);

test('a job that fails keeps the test of its best weights, and says that it failed', async () => {
  const jobId = await divergedJob('kept');
  expect(await suite.db.jobs.find(jobId)).toMatchObject({
    state: 'failed',
    failure: diverged,
    test: { accuracy: 0.7, partial: true },
  });
  expect(await suite.db.results.find(jobId)).toEqual(results);
  expect((await eventTypes(suite.db, jobId)).slice(-2)).toEqual(['tested', 'failed']);
});

test('the history has partial tests on request only', async () => {
  const failed = await divergedJob('listed');
  const whole = await succeededJob(suite.db, { experiment: 'listed' });
  expect(await historyOf({ experiment: 'listed' })).toEqual([[whole, false]]);
  expect(await historyOf({ experiment: 'listed', partial: 'true' })).toEqual([
    [whole, false],
    [failed, true],
  ]);
  const filter = 'test.partial = true AND experiment = listed';
  expect((await suite.db.jobs.list({ sort: '-created', filter, limit: 5 })).data.map(({ id }) => id)).toEqual([failed]);
});

test('a retry removes the partial test, and the job gets another', async () => {
  const jobId = await divergedJob('retried');
  expect((await suite.db.jobs.retry(jobId)).test).toBeNull();
  expect(await suite.db.results.find(jobId)).toBeNull();
  const { token } = await openAttempt(suite.db, jobId);
  await suite.db.attempts.succeed(token, testResults(2, 9));
  expect(await suite.db.results.find(jobId)).toEqual(testResults(2, 9));
  expect(await historyOf({ experiment: 'retried' })).toEqual([[jobId, false]]);
});

test('a failure after which the job is queued again stores no test', async () => {
  const { jobId, token } = await runningJob(suite.db);
  await suite.db.attempts.epoch(token, metrics(1), checkpoint(jobId, 1, 1));
  const { state } = await suite.db.attempts.fail(token, diverged, { retryable: true, results });
  expect(state).toBe('queued');
  expect(await suite.db.results.find(jobId)).toBeNull();
});

test('a test of an epoch that the database has lost is refused', async () => {
  const { token } = await runningJob(suite.db);
  await expect(suite.db.attempts.fail(token, diverged, { retryable: false, results })).rejects.toThrow(LostEpochsError);
});
