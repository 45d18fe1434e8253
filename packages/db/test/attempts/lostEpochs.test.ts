import { LostEpochsError } from '@trainyard/db';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { checkpoint, metrics, openAttempt, runningJob, testResults, useDatabase } from '../fixtures.js';

const suite = useDatabase();

async function remove(table: 'checkpoints' | 'epoch_metrics', jobId: string, epochs: number[]): Promise<void> {
  const client = new pg.Client({ connectionString: suite.url });
  await client.connect();
  await client.query(`DELETE FROM ${table} WHERE job_id = $1 AND epoch = ANY($2)`, [jobId, epochs]);
  await client.end();
}

const epochsOf = async (jobId: string) => (await suite.db.metrics.list(jobId)).map(({ epoch }) => epoch);

/** A job that has trained four epochs, of which the database has lost the last two, as a standby that lagged has. */
async function jobWithLoss() {
  const { jobId, token } = await runningJob(suite.db, { checkpoint: { keep: 5 } });
  for (const epoch of [1, 2, 3, 4]) await suite.db.attempts.epoch(token, metrics(epoch), checkpoint(jobId, 1, epoch));
  await remove('checkpoints', jobId, [3, 4]);
  await remove('epoch_metrics', jobId, [3, 4]);
  return { jobId, token };
}

describe('after the database has lost epochs', () => {
  it.each<[string, (token: string, jobId: string) => Promise<unknown>]>([
    ['the next epoch', (token, jobId) => suite.db.attempts.epoch(token, metrics(5), checkpoint(jobId, 1, 5))],
    ['a later checkpoint', (token, jobId) => suite.db.attempts.checkpoint(token, checkpoint(jobId, 1, 4, 50))],
    ['a hand-back with a checkpoint', (token, jobId) => suite.db.attempts.handBack(token, checkpoint(jobId, 1, 4, 50))],
    ['the test of a lost epoch', (token) => suite.db.attempts.succeed(token, testResults(4))],
    ['the test of an epoch that is left', (token) => suite.db.attempts.succeed(token, testResults(1), { epochs: 4 })],
  ])('%s is refused and stores nothing, and the job goes on from what is left', async (_, write) => {
    const { jobId, token } = await jobWithLoss();
    await expect(write(token, jobId)).rejects.toThrow(LostEpochsError);
    expect(await epochsOf(jobId)).toEqual([1, 2]);
    await suite.db.attempts.handBack(token, null);
    const next = await openAttempt(suite.db, jobId);
    expect(next.resumeFrom?.key).toBe(checkpoint(jobId, 1, 2).key);
    for (const epoch of [3, 4]) {
      await suite.db.attempts.epoch(next.token, metrics(epoch), checkpoint(jobId, 2, epoch));
    }
    await suite.db.attempts.succeed(next.token, testResults(4), { epochs: 4 });
    expect(await epochsOf(jobId)).toEqual([1, 2, 3, 4]);
  });
});

it('a job whose history has a hole resumes from before it, with a best epoch that has its row', async () => {
  const { jobId, token } = await runningJob(suite.db, { checkpoint: { keep: 9 } });
  for (const epoch of [1, 2, 3, 4, 5]) {
    await suite.db.attempts.epoch(token, metrics(epoch), checkpoint(jobId, 1, epoch));
  }
  await remove('epoch_metrics', jobId, [3]);
  await suite.db.attempts.handBack(token, null);
  const next = await openAttempt(suite.db, jobId);
  expect(next.resumeFrom?.key).toBe(checkpoint(jobId, 1, 2).key);
  expect(await epochsOf(jobId)).toEqual([1, 2]);
  expect((await suite.db.jobs.find(jobId))?.best?.epoch).toBe(2);
});

it('a checkpoint whose best epoch the database does not have is passed over', async () => {
  const { jobId, token } = await runningJob(suite.db, { checkpoint: { keep: 9 } });
  await suite.db.attempts.epoch(token, metrics(1), checkpoint(jobId, 1, 1));
  await suite.db.attempts.epoch(token, metrics(2), checkpoint(jobId, 1, 2));
  await suite.db.attempts.epoch(token, metrics(3, { best: false }), checkpoint(jobId, 1, 3, 0, 2));
  await remove('epoch_metrics', jobId, [2]);
  await suite.db.attempts.handBack(token, null);
  const next = await openAttempt(suite.db, jobId);
  expect(next.resumeFrom?.key).toBe(checkpoint(jobId, 1, 1).key);
  expect(next.passedOver).toEqual([checkpoint(jobId, 1, 3).key, checkpoint(jobId, 1, 2).key]);
  expect((await suite.db.jobs.find(jobId))?.best?.epoch).toBe(1);
});
