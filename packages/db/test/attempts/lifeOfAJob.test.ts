import { expect, test } from 'vitest';
import { checkpoint, eventTypes, metrics, openAttempt, submission, testResults, useDatabase } from '../fixtures.js';

const suite = useDatabase();

test('a job goes from submission to its test, and everything that was written can be read back', async () => {
  const { db } = suite;
  const given = submission({ name: 'first', tags: ['a', 'b'], notes: "it's", epochs: 2 });
  const { job, created } = await db.jobs.submit(given);
  expect(created).toBe(true);
  expect(await db.jobs.find(job.id)).toEqual(job);
  expect(job).toMatchObject({ state: 'queued', queuePosition: 0, attempt: 1, terminal: false, spec: given.spec });

  const opened = await openAttempt(db, job.id);
  expect(opened).toMatchObject({ attempt: 1, spec: given.spec, resumeFrom: null, best: null });
  const executor = { name: 'native', device: 'cpu', threads: 2, version: 'oneDNN 2.6.3' };
  await db.attempts.started(opened.token, executor);
  const progress = {
    epoch: 1,
    epochs: 2,
    step: 1,
    stepsPerEpoch: 100,
    fraction: 0.005,
    imagesPerSecond: 9,
    etaSeconds: 3,
  };
  await db.attempts.progress(opened.token, progress);
  expect(await db.attempts.heartbeat(opened.token)).toEqual({ state: 'running' });
  expect(await db.jobs.find(job.id)).toMatchObject({ state: 'running', executor, progress, queuePosition: null });

  await db.attempts.epoch(opened.token, metrics(1), checkpoint(job.id, 1, 1));
  await db.attempts.epoch(opened.token, metrics(2), checkpoint(job.id, 1, 2));
  expect(await db.metrics.list(job.id)).toEqual([metrics(1), metrics(2)]);
  const last = { epoch: 3, loss: 1.1, accuracy: 0.8, accuracyAugmented: 0.85, correct: 8 };
  const results = { ...testResults(2), accuracyAugmented: 0.75, last };
  expect(await db.attempts.succeed(opened.token, results)).toMatchObject({ state: 'succeeded' });
  expect(await db.results.find(job.id)).toEqual(results);

  const done = await db.jobs.find(job.id);
  expect(done).toMatchObject({ state: 'succeeded', terminal: true, failure: null });
  expect(done?.best).toEqual({ epoch: 2, validationLoss: 1.05, validationAccuracy: 0.4 });
  expect(done?.test).toEqual({
    loss: 1.2,
    accuracy: 0.7,
    accuracyAugmented: 0.75,
    correct: 7,
    total: 10,
    partial: false,
  });
  expect(await eventTypes(db, job.id)).toEqual([
    ...['submitted', 'started', 'epoch', 'checkpoint', 'epoch', 'checkpoint', 'tested', 'succeeded'],
  ]);
  const history = await db.results.history({
    sort: '-finishedAt',
    limit: 10,
    format: 'json',
    partial: false,
    foreign: false,
  });
  expect(history.data).toMatchObject([
    { jobId: job.id, datasetVersion: 3, bestEpoch: 2, validationLoss: 1.05, testAccuracy: 0.7, executor: 'native' },
  ]);
  expect(history.data[0]).toMatchObject({ testAccuracyAugmented: 0.75, lastEpoch: 3, lastTestAccuracy: 0.8 });
  const attempts = await db.attempts.list(job.id);
  expect(attempts).toMatchObject([{ number: 1, outcome: 'succeeded', failure: null, executor, resumedFromEpoch: 0 }]);
});
