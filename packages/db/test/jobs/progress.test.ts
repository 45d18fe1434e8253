import { expect, test } from 'vitest';
import { metrics, runningJob, succeededJob, testResults, useDatabase } from '../fixtures.js';

const suite = useDatabase();

const rates = { imagesPerSecond: 9, etaSeconds: 3 };
const early = { epoch: 1, epochs: 10, step: 3, stepsPerEpoch: 100, fraction: 0.003, ...rates };

/** A job of ten epochs whose workers stored their progress only at its beginning. */
async function trained(epochs: number) {
  const { db } = suite;
  const job = await runningJob(db, { epochs: 10 });
  await db.attempts.progress(job.token, early);
  for (let epoch = 1; epoch <= epochs; epoch += 1) await db.attempts.epoch(job.token, metrics(epoch), null);
  return job;
}
const progressOf = async (jobId: string) => (await suite.db.jobs.find(jobId))?.progress;

test('a job that stopped early is complete at its last epoch', async () => {
  const { jobId, token } = await trained(7);
  await suite.db.attempts.succeed(token, testResults(7));
  expect(await progressOf(jobId)).toEqual({ ...early, epoch: 7, step: 100, fraction: 1, etaSeconds: 0 });
});

test('a job without any progress has none at its end', async () => {
  expect(await progressOf(await succeededJob(suite.db))).toBeNull();
});

test('a failed and a cancelled job stand at the last epoch that is stored, and have no time left', async () => {
  const { db } = suite;
  const atSeven = { ...early, epoch: 7, step: 100, fraction: 0.7, etaSeconds: null };
  const failed = await trained(7);
  await db.attempts.fail(failed.token, { code: 'diverged', message: 'the loss is NaN' }, { retryable: false });
  expect(await progressOf(failed.jobId)).toEqual(atSeven);

  const cancelled = await trained(7);
  await db.jobs.cancel(cancelled.jobId);
  await db.attempts.cancelled(cancelled.token);
  expect(await progressOf(cancelled.jobId)).toEqual(atSeven);
});

test('where the progress is newer than the last epoch, it stays', async () => {
  const { db } = suite;
  const { jobId, token } = await trained(2);
  const newer = { ...early, epoch: 3, step: 50, fraction: 0.25 };
  await db.attempts.progress(token, newer);
  await db.attempts.fail(token, { code: 'diverged', message: 'the loss is NaN' }, { retryable: false });
  expect(await progressOf(jobId)).toEqual({ ...newer, etaSeconds: null });
  // The next attempt begins at its checkpoint, which can be an older one.
  await db.jobs.retry(jobId);
  expect(await progressOf(jobId)).toBeNull();
});
