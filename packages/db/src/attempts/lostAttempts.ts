import type { AttemptKey, FailureCode, Heartbeat } from '@trainyard/contracts';
import { z } from 'zod';
import { move } from '../jobs/transitions.js';
import type { Postgres } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';
import { endFailed } from './endings.js';
import { withJobIfFree } from './lockedJob.js';

/** The failure of attempts whose worker sent no heartbeat for too long. */
const workerLost: FailureCode = 'worker_lost';

const runningAttemptSchema = z.object({ token: z.string(), jobId: z.string(), attempt: z.int() });
export type RunningAttempt = z.output<typeof runningAttemptSchema>;

/** @see Attempts.expire */
export async function expireAttempt(
  postgres: Postgres,
  { token, at }: Heartbeat,
  silentSeconds: number,
): Promise<string | null> {
  const failure = { code: workerLost, message: `the worker sent no heartbeat for ${silentSeconds} seconds` };
  // A session that holds the row, such as that of a worker whose network is gone, must not hold up other jobs.
  return withJobIfFree(postgres, token, async (tx, job) => {
    const [silent] = await tx.query(
      z.object({}),
      sql`SELECT FROM jobs WHERE token = ${token} AND heartbeat_at = ${at}::timestamptz`,
    );
    if (!silent) return null;
    await endFailed(tx, job, { failure, outcome: 'lost', retryable: true });
    return job.id;
  });
}

/** @see Attempts.ofWorker */
export function attemptsOfWorker(postgres: Postgres, workerId: string): Promise<RunningAttempt[]> {
  return postgres.query(
    runningAttemptSchema,
    sql`SELECT token, jobs.id AS "jobId", attempt FROM jobs JOIN attempts ON job_id = jobs.id AND number = attempt
      WHERE token IS NOT NULL AND worker_id = ${workerId}`,
  );
}

/** @see Attempts.endAbandoned */
export async function endAbandoned(postgres: Postgres, token: string): Promise<boolean> {
  const failure = { code: workerLost, message: 'the worker no longer runs the attempt, and how it ended was lost' };
  const end = { failure, outcome: 'lost', retryable: true } as const;
  return (await withJobIfFree(postgres, token, (tx, job) => endFailed(tx, job, end))) !== null;
}

/** @see Attempts.recordRefused */
export async function recordRefused(postgres: Postgres, { jobId, attempt }: AttemptKey): Promise<void> {
  const message = `attempt ${attempt} was considered lost and came back; nothing that it wrote since was stored`;
  await postgres.transaction(async (tx) => {
    const lost = { jobId, number: attempt, failureCode: workerLost };
    if ((await tx.prisma.attempt.count({ where: lost })) === 0) return;
    await move(tx, {
      where: sql`id = ${jobId}`,
      set: [],
      events: [{ type: 'warning', data: { code: 'stale_attempt', message } }],
    });
  });
}
