import { newId } from '@trainyard/db';
import { expect, test } from 'vitest';
import { checkpoint, metrics, runningJob, succeededJob, useDatabase } from '../fixtures.js';

const suite = useDatabase();

test('orphans are keys without a checkpoint: of all jobs, or of those that have ended', async () => {
  const running = await runningJob(suite.db);
  const stored = checkpoint(running.jobId, 1, 1);
  await suite.db.attempts.epoch(running.token, metrics(1), stored);
  const ended = await succeededJob(suite.db);
  const [ofRunning, ofEnded, ofUnknown] = [running.jobId, ended, newId('job')].map((id) => checkpoint(id, 1, 9).key);
  const keys = [stored.key, checkpoint(ended, 1, 1).key, ofRunning, ofEnded, ofUnknown].filter(
    (key) => key !== undefined,
  );
  const { retention } = suite.db;
  expect((await retention.orphans(keys, 'allJobs')).toSorted()).toEqual([ofRunning, ofEnded, ofUnknown].toSorted());
  expect(await retention.orphans(keys, 'endedJobs')).toEqual([ofEnded]);
});
