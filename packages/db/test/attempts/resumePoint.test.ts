import { expect, test } from 'vitest';
import { checkpoint, metrics, openAttempt, runningJob, testResults, useDatabase } from '../fixtures.js';

const suite = useDatabase();

test('the next attempt resumes from the newest checkpoint, and no epoch is doubled or missing', async () => {
  const { jobId, token } = await runningJob(suite.db, { checkpoint: { every: 2 } });
  await suite.db.attempts.epoch(token, metrics(1, { best: true }), checkpoint(jobId, 1, 1));
  await suite.db.attempts.epoch(token, metrics(2, { best: false }), checkpoint(jobId, 1, 2, 0, 1));
  await suite.db.attempts.epoch(token, metrics(3, { best: false, trainLoss: 9 }), null);
  await suite.db.attempts.fail(token, { code: 'trainer_crashed', message: 'SIGKILL' }, { retryable: true });

  const second = await openAttempt(suite.db, jobId);
  expect(second.resumeFrom).toEqual(checkpoint(jobId, 1, 2, 0, 1));
  expect(second.best?.key).toBe(checkpoint(jobId, 1, 1).key);
  expect((await suite.db.metrics.list(jobId)).map(({ epoch }) => epoch)).toEqual([1, 2]);
  await suite.db.attempts.epoch(second.token, metrics(3, { best: false, trainLoss: 1 }), checkpoint(jobId, 2, 3, 0, 1));
  await suite.db.attempts.succeed(second.token, testResults(1));
  const rows = await suite.db.metrics.list(jobId);
  expect(rows.map(({ epoch, trainLoss }) => [epoch, trainLoss])).toEqual([
    [1, 2],
    [2, 1],
    [3, 1],
  ]);
  expect(await suite.db.attempts.list(jobId)).toMatchObject([{ resumedFromEpoch: 0 }, { resumedFromEpoch: 2 }]);
});

test('without a checkpoint the next attempt starts from the beginning', async () => {
  const { jobId, token } = await runningJob(suite.db, { checkpoint: { every: 5 } });
  await suite.db.attempts.epoch(token, metrics(1, { best: false }), null);
  await suite.db.attempts.handBack(token, null);
  expect(await openAttempt(suite.db, jobId)).toMatchObject({ resumeFrom: null, best: null });
  expect(await suite.db.metrics.list(jobId)).toEqual([]);
});

test('a job that was handed back within an epoch resumes in the middle of that epoch', async () => {
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

test('a damaged checkpoint is set aside, and the attempt resumes from the one before', async () => {
  const { jobId, token } = await runningJob(suite.db);
  await suite.db.attempts.epoch(token, metrics(1), checkpoint(jobId, 1, 1));
  await suite.db.attempts.epoch(token, metrics(2), checkpoint(jobId, 1, 2));
  await suite.db.attempts.handBack(token, null);
  const { token: next } = await openAttempt(suite.db, jobId);
  const point = await suite.db.attempts.setAside(next, checkpoint(jobId, 1, 2).key);
  expect(point.resumeFrom?.key).toBe(checkpoint(jobId, 1, 1).key);
  expect((await suite.db.metrics.list(jobId)).map(({ epoch }) => epoch)).toEqual([1]);
  // The job's best epoch matches the checkpoints that are left.
  expect(point.best?.key).toBe(checkpoint(jobId, 1, 1).key);
  expect((await suite.db.jobs.find(jobId))?.best?.epoch).toBe(1);
  expect(await suite.db.checkpoints.list(jobId)).toMatchObject([{ epoch: 1, best: true, last: true }]);
  expect(await suite.db.attempts.setAside(next, checkpoint(jobId, 1, 1).key)).toMatchObject({
    resumeFrom: null,
    best: null,
  });
  expect((await suite.db.jobs.find(jobId))?.best).toBeNull();
});

test('if the best checkpoint is lost, the run resumes from before that epoch and drops the later ones', async () => {
  const { jobId, token } = await runningJob(suite.db, { checkpoint: { keep: 3 } });
  const { attempts } = suite.db;
  await attempts.epoch(token, metrics(1), checkpoint(jobId, 1, 1));
  await attempts.epoch(token, metrics(2), checkpoint(jobId, 1, 2));
  await attempts.epoch(token, metrics(3, { best: false }), checkpoint(jobId, 1, 3, 0, 2));
  await attempts.checkpoint(token, checkpoint(jobId, 1, 3, 50, 2));
  const point = await attempts.setAside(token, checkpoint(jobId, 1, 2).key);
  expect(point).toMatchObject({
    resumeFrom: { key: checkpoint(jobId, 1, 1).key },
    best: { key: checkpoint(jobId, 1, 1).key },
    passedOver: [checkpoint(jobId, 1, 3, 50).key, checkpoint(jobId, 1, 3).key],
  });
  expect(await suite.db.checkpoints.list(jobId)).toMatchObject([{ epoch: 1, best: true, last: true }]);
  expect((await suite.db.metrics.list(jobId)).map(({ epoch }) => epoch)).toEqual([1]);
  expect((await suite.db.jobs.find(jobId))?.best?.epoch).toBe(1);
});

test('an epoch whose best checkpoint was never written is trained again', async () => {
  const { jobId, token } = await runningJob(suite.db);
  await suite.db.attempts.epoch(token, metrics(1), checkpoint(jobId, 1, 1));
  await suite.db.attempts.epoch(token, metrics(2), null);
  await suite.db.attempts.handBack(token, null);
  expect((await openAttempt(suite.db, jobId)).resumeFrom?.key).toBe(checkpoint(jobId, 1, 1).key);
  expect((await suite.db.metrics.list(jobId)).map(({ epoch }) => epoch)).toEqual([1]);
  expect((await suite.db.jobs.find(jobId))?.best?.epoch).toBe(1);
});

test('the checkpoint of a best epoch may arrive after the epoch, and is still the best', async () => {
  const { jobId, token } = await runningJob(suite.db);
  await suite.db.attempts.epoch(token, metrics(1), checkpoint(jobId, 1, 1));
  await suite.db.attempts.epoch(token, metrics(2), null);
  await suite.db.attempts.checkpoint(token, checkpoint(jobId, 1, 2));
  expect(await suite.db.checkpoints.list(jobId)).toMatchObject([
    { epoch: 1, best: false },
    { epoch: 2, best: true, last: true },
  ]);
});

test('a write whose answer was lost may be repeated', async () => {
  const { jobId, token } = await runningJob(suite.db);
  for (let i = 0; i < 2; i += 1) {
    await suite.db.attempts.epoch(token, metrics(1), checkpoint(jobId, 1, 1));
    await suite.db.attempts.checkpoint(token, checkpoint(jobId, 1, 1, 50));
  }
  expect((await suite.db.events.list(jobId, 0, 10)).map(({ type }) => type)).toEqual([
    'submitted',
    'started',
    'epoch',
    'checkpoint',
    'checkpoint',
  ]);
});
