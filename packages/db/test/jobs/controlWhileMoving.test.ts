import type { CommandName } from '@trainyard/db';
import pg from 'pg';
import { expect, test } from 'vitest';
import { runningJob, useDatabase } from '../fixtures.js';

const suite = useDatabase();

/** Runs `work` while another session moves the job from `running` to `state`, and commits when `work` waits for it. */
async function whileMoving<T>(jobId: string, state: string, work: () => Promise<T>): Promise<T> {
  const session = new pg.Client({ connectionString: suite.url });
  await session.connect();
  const waiting = 'SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))';
  try {
    await session.query('BEGIN');
    const set = 'state = $2, token = NULL, heartbeat_at = NULL';
    await session.query(`UPDATE jobs SET ${set} WHERE id = $1`, [jobId, state]);
    const result = work();
    await expect.poll(async () => (await session.query(waiting)).rowCount).toBe(1);
    await session.query('COMMIT');
    return await result;
  } finally {
    await session.end();
  }
}

test.each<[CommandName, string, string]>([
  ['cancel', 'queued', 'cancelled'],
  ['cancel', 'paused', 'cancelled'],
  ['pause', 'queued', 'paused'],
  ['resume', 'paused', 'queued'],
])('%s takes effect on a job that is being %s at that moment', async (command, between, after) => {
  const { jobId } = await runningJob(suite.db);
  const { job, changed } = await whileMoving(jobId, between, () => suite.db.jobs.control(jobId, command));
  expect([job.state, changed]).toEqual([after, true]);
});
