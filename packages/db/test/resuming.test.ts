import { expect, test } from 'vitest';
import { checkpoint, metrics, openAttempt, runningJob, testResults, useDatabase } from './fixtures.js';

const suite = useDatabase();

test('the next attempt goes on from the newest checkpoint, and no epoch is doubled or missing', async () => {
  const { jobId, token } = await runningJob(suite.db, { checkpoint: { every: 2 } });
  await suite.db.attempts.epoch(token, metrics(1, { best: true }), checkpoint(jobId, 1, 1));
  await suite.db.attempts.epoch(token, metrics(2, { best: false }), checkpoint(jobId, 1, 2));
  await suite.db.attempts.epoch(token, metrics(3, { best: false, trainLoss: 9 }), null);
  await suite.db.attempts.fail(token, { code: 'trainer_crashed', message: 'SIGKILL' }, { retryable: true });

  const second = await openAttempt(suite.db, jobId);
  expect(second.resumeFrom).toEqual(checkpoint(jobId, 1, 2));
  expect(second.best?.key).toBe(checkpoint(jobId, 1, 1).key);
  expect((await suite.db.metrics.list(jobId)).map(({ epoch }) => epoch)).toEqual([1, 2]);
  await suite.db.attempts.epoch(second.token, metrics(3, { best: false, trainLoss: 1 }), checkpoint(jobId, 2, 3));
  await suite.db.attempts.succeed(second.token, testResults(1));
  const rows = await suite.db.metrics.list(jobId);
  expect(rows.map(({ epoch, trainLoss }) => [epoch, trainLoss])).toEqual([
    [1, 2],
    [2, 1],
    [3, 1],
  ]);
  expect(await suite.db.attempts.list(jobId)).toMatchObject([{ resumedFromEpoch: 0 }, { resumedFromEpoch: 2 }]);
});

test('without a checkpoint the next attempt begins from the beginning', async () => {
  const { jobId, token } = await runningJob(suite.db, { checkpoint: { every: 5 } });
  await suite.db.attempts.epoch(token, metrics(1, { best: false }), null);
  await suite.db.attempts.handBack(token, null);
  expect(await openAttempt(suite.db, jobId)).toMatchObject({ resumeFrom: null, best: null });
  expect(await suite.db.metrics.list(jobId)).toEqual([]);
});

test('a job handed back in mid-epoch goes on in the middle of that epoch', async () => {
  const { jobId, token } = await runningJob(suite.db);
  await suite.db.attempts.epoch(token, metrics(1), checkpoint(jobId, 1, 1));
  await suite.db.attempts.handBack(token, checkpoint(jobId, 1, 1, 40));
  expect(await suite.db.checkpoints.find(jobId, 'last')).toMatchObject({
    checkpoint: { epoch: 1, step: 40, last: true },
  });
  expect(await suite.db.checkpoints.find(jobId, 'best')).toMatchObject({ checkpoint: { epoch: 1, step: 0 } });
  expect(await suite.db.checkpoints.find(jobId, 1)).toMatchObject({ checkpoint: { epoch: 1, step: 0 } });
  const second = await openAttempt(suite.db, jobId);
  expect(second.resumeFrom?.manifest.cursor).toEqual({ epoch: 1, step: 40, globalStep: 140 });
  expect((await suite.db.metrics.list(jobId)).map(({ epoch }) => epoch)).toEqual([1]);
  await suite.db.attempts.epoch(second.token, metrics(2), checkpoint(jobId, 2, 2));
  expect((await suite.db.metrics.list(jobId)).map(({ epoch }) => epoch)).toEqual([1, 2]);
});

test('a damaged checkpoint is set aside, and the attempt goes on from the one before', async () => {
  const { jobId, token } = await runningJob(suite.db);
  await suite.db.attempts.epoch(token, metrics(1), checkpoint(jobId, 1, 1));
  await suite.db.attempts.epoch(token, metrics(2), checkpoint(jobId, 1, 2));
  await suite.db.attempts.handBack(token, null);
  const { token: next } = await openAttempt(suite.db, jobId);
  const point = await suite.db.attempts.setAside(next, checkpoint(jobId, 1, 2).key);
  expect(point.resumeFrom?.key).toBe(checkpoint(jobId, 1, 1).key);
  expect((await suite.db.metrics.list(jobId)).map(({ epoch }) => epoch)).toEqual([1]);
  // What is said of the job again matches what is left of it.
  expect(point.best?.key).toBe(checkpoint(jobId, 1, 1).key);
  expect((await suite.db.jobs.find(jobId))?.best?.epoch).toBe(1);
  expect(await suite.db.checkpoints.list(jobId)).toMatchObject([{ epoch: 1, best: true, last: true }]);
  expect(await suite.db.attempts.setAside(next, checkpoint(jobId, 1, 1).key)).toEqual({ resumeFrom: null, best: null });
  expect((await suite.db.jobs.find(jobId))?.best).toBeNull();
});
