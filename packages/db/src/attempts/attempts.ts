import {
  type Attempt,
  type AttemptKey,
  attemptOutcomeSchema,
  type EpochMetrics,
  type ExecutorInfo,
  executorInfoSchema,
  type Failure,
  type Heartbeat,
  heartbeatSchema,
  type JobState,
  jobStateSchema,
  type Progress,
  type StopReason,
  type TrainerTest,
} from '@trainyard/contracts';
import { z } from 'zod';
import { toFailure } from '../jobs/jobRow.js';
import { type Postgres, parseRow } from '../postgres/postgres.js';
import { json, sql } from '../postgres/sql.js';
import { endCancelled, endFailed, endHandedBack, endPaused, endSucceeded } from './endings.js';
import { moveLocked, withLockedJob } from './lockedJob.js';
import { attemptsOfWorker, endAbandoned, expireAttempt, type RunningAttempt, recordRefused } from './lostAttempts.js';
import { type OpenedAttempt, openAttempt, openNextAttempt } from './openAttempt.js';
import {
  type Removed,
  setCheckpointAside,
  storeEpoch,
  storeExecutor,
  storeLateCheckpoint,
  storeOutput,
} from './reports.js';
import { type ResumePoint, requireEpoch } from './resumePoint.js';
import { StaleAttemptError } from './staleAttemptError.js';
import { type CommittedCheckpoint, pruneCheckpoints, storeCheckpoint } from './storeCheckpoint.js';

/**
 * What workers write of the attempts that they run. Every method that takes a token throws StaleAttemptError, and
 * writes nothing, once the token is void; and LostEpochsError where the database lacks the epochs before.
 */
export class Attempts {
  constructor(private readonly postgres: Postgres) {}

  /**
   * Opens the next attempt of the first job of the queue; jobs/queueOrder.ts says which that is. It resumes from the
   * newest usable checkpoint; everything that came after that is deleted, and will be trained again.
   *
   * @param costPerHour of the worker; null: unknown.
   * @returns null if no job is queued.
   */
  openNext(workerId: string, costPerHour: number | null = null): Promise<OpenedAttempt | null> {
    return openNextAttempt(this.postgres, { workerId, costPerHour });
  }

  /**
   * Opens this attempt, wherever its job stands in the queue.
   *
   * @returns null if the job is not queued, or is queued for another attempt.
   */
  open(delivery: AttemptKey & { workerId: string }): Promise<OpenedAttempt | null> {
    return openAttempt(this.postgres, delivery);
  }

  /**
   * Shows that the worker is alive.
   *
   * @returns the job's state, which may demand something of the worker (`pausing`, `cancelling`); null if the attempt
   *   is stale: stop it.
   */
  async heartbeat(token: string): Promise<{ state: JobState } | null> {
    const [job] = await this.postgres.query(
      z.object({ state: jobStateSchema }),
      sql`UPDATE jobs SET heartbeat_at = now() WHERE token = ${token} RETURNING state::text`,
    );
    return job ?? null;
  }

  /** Counts as a heartbeat. */
  async progress(token: string, progress: Progress): Promise<void> {
    const count = await this.postgres.execute(
      sql`UPDATE jobs SET progress = ${json(progress)}, heartbeat_at = now() WHERE token = ${token}`,
    );
    if (count === 0) throw new StaleAttemptError();
  }

  /** The trainer has loaded everything and computes with this executor. */
  started(token: string, executor: ExecutorInfo): Promise<void> {
    return withLockedJob(this.postgres, token, (tx, job) => storeExecutor(tx, job, executor));
  }

  async warning(token: string, warning: { code: string; message: string }): Promise<void> {
    await withLockedJob(this.postgres, token, (tx, job) =>
      moveLocked(tx, job, { events: [{ type: 'warning', data: warning }] }),
    );
  }

  /** What the trainer wrote to its standard error. Of a job, `maxOutputLines` lines are kept, the first ones. */
  output(token: string, lines: string[]): Promise<void> {
    return withLockedJob(this.postgres, token, (tx, job) => storeOutput(tx, job, lines));
  }

  /** Stores an epoch with its checkpoint, and deletes checkpoints that are neither best nor among the newest. */
  epoch(token: string, metrics: EpochMetrics, checkpoint: CommittedCheckpoint | null): Promise<Removed> {
    return withLockedJob(this.postgres, token, (tx, job) => storeEpoch(tx, job, metrics, checkpoint));
  }

  /** Stores a checkpoint within an epoch, or of a best epoch that was stored without one; it is the job's newest. */
  checkpoint(token: string, checkpoint: CommittedCheckpoint): Promise<Removed> {
    return withLockedJob(this.postgres, token, (tx, job) => storeLateCheckpoint(tx, job, checkpoint));
  }

  /**
   * Takes a checkpoint out of use because its files are damaged.
   *
   * @returns the point to resume from instead; everything after it is deleted.
   */
  setAside(token: string, key: string): Promise<ResumePoint> {
    return withLockedJob(this.postgres, token, (tx, job) => setCheckpointAside(tx, job, key));
  }

  /**
   * Ends the job with its test. A job that is being cancelled ends as cancelled, without the test.
   *
   * @param options.epochs that the attempt has trained, those before it included.
   * @param options.stopped why it trained no more.
   */
  succeed(
    token: string,
    results: TrainerTest,
    { epochs = results.epoch, stopped = null }: { epochs?: number; stopped?: StopReason | null } = {},
  ): Promise<{ state: JobState }> {
    return withLockedJob(this.postgres, token, async (tx, job) => {
      await requireEpoch(tx, job.id, epochs);
      return endSucceeded(tx, job, results, stopped);
    });
  }

  /**
   * Ends the attempt. The job is queued again if the failure is retryable and attempts are left.
   *
   * @param results the test of the best weights before the failure, stored where the job ends as failed.
   *
   * @returns the state of the job after that.
   */
  fail(
    token: string,
    failure: Failure,
    { retryable, results = null }: { retryable: boolean; results?: TrainerTest | null },
  ): Promise<{ state: JobState }> {
    return withLockedJob(this.postgres, token, async (tx, job) => {
      if (results) await requireEpoch(tx, job.id, results.epoch);
      return endFailed(tx, job, { failure, outcome: 'failed', retryable, results });
    });
  }

  /** The trainer has stopped because the user cancelled. */
  async cancelled(token: string): Promise<void> {
    await withLockedJob(this.postgres, token, (tx, job) => endCancelled(tx, job));
  }

  /**
   * Gives the job back because the worker shuts down, or because the user pauses the job: it is queued again, or
   * paused. This does not count as a failure.
   *
   * @param checkpoint where the next attempt resumes, in the middle of an epoch; null: from the newest that is stored.
   */
  handBack(token: string, checkpoint: CommittedCheckpoint | null): Promise<{ state: JobState } & Removed> {
    return withLockedJob(this.postgres, token, async (tx, job) => {
      if (checkpoint) await requireEpoch(tx, job.id, checkpoint.manifest.cursor.epoch);
      if (checkpoint) await storeCheckpoint(tx, job, checkpoint, false);
      const removedKeys = checkpoint ? await pruneCheckpoints(tx, job) : [];
      if (job.state === 'cancelling') return { ...(await endCancelled(tx, job)), removedKeys };
      const end = job.state === 'pausing' ? endPaused : endHandedBack;
      const { state } = await end(tx, job, checkpoint?.manifest.cursor ?? null);
      return { state, removedKeys };
    });
  }

  /** The newest heartbeat of every running attempt, by the database's clock. */
  heartbeats(): Promise<Heartbeat[]> {
    return this.postgres.query(
      heartbeatSchema,
      sql`SELECT token, heartbeat_at AS at FROM jobs WHERE token IS NOT NULL`,
    );
  }

  /**
   * Ends an attempt whose worker is considered lost: as a retryable failure, or as cancelled if the job is being
   * cancelled. Any number of processes may do this at the same time.
   *
   * @param last the attempt's newest heartbeat that the caller knows.
   * @returns the job's id; null if the attempt has ended, has sent another heartbeat since, or is locked by another
   *   session: call again later.
   */
  expire(last: Heartbeat, silentSeconds: number): Promise<string | null> {
    return expireAttempt(this.postgres, last, silentSeconds);
  }

  /** The attempts that this worker runs, as far as the database knows. */
  ofWorker(workerId: string): Promise<RunningAttempt[]> {
    return attemptsOfWorker(this.postgres, workerId);
  }

  /**
   * Ends an attempt that its worker does not run, as a retryable failure: the reply that opened it never came, or a
   * failover has lost how it ended.
   *
   * @returns whether it did; false if the token is void, or the row is locked by another session: call again later.
   */
  endAbandoned(token: string): Promise<boolean> {
    return endAbandoned(this.postgres, token);
  }

  /**
   * Records, as an event of the job, that an attempt came back after it was considered lost, and that its writes were
   * refused. Records nothing for an attempt that ended in another way.
   */
  recordRefused(attempt: AttemptKey): Promise<void> {
    return recordRefused(this.postgres, attempt);
  }

  /** The attempts of a job, first one first. */
  async list(jobId: string): Promise<Attempt[]> {
    const rows = await this.postgres.prisma.attempt.findMany({ where: { jobId }, orderBy: { number: 'asc' } });
    return rows.map((row) => toAttempt(parseRow(attemptRowSchema, row)));
  }
}

const attemptRowSchema = z.object({
  number: z.int(),
  workerId: z.string(),
  startedAt: z.date(),
  finishedAt: z.date().nullable(),
  outcome: attemptOutcomeSchema.nullable(),
  failureCode: z.string().nullable(),
  failureMessage: z.string().nullable(),
  executor: executorInfoSchema.nullable(),
  resumedFromEpoch: z.int(),
});

const toAttempt = (row: z.output<typeof attemptRowSchema>): Attempt => ({
  number: row.number,
  workerId: row.workerId,
  startedAt: row.startedAt.toISOString(),
  finishedAt: row.finishedAt?.toISOString() ?? null,
  outcome: row.outcome,
  failure: toFailure(row),
  executor: row.executor,
  resumedFromEpoch: row.resumedFromEpoch,
});
