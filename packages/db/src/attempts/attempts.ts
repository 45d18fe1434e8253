import { randomUUID } from 'node:crypto';
import {
  type Attempt,
  type CheckpointManifest,
  completeJobSpecSchema,
  type EpochMetrics,
  type ExecutorInfo,
  type Failure,
  type FailureCode,
  type Heartbeat,
  type JobSpec,
  type JobState,
  type Progress,
  type TestResults,
} from '@trainyard/contracts';
import { toAttempt } from '../jobs/rows.js';
import { move, type NewEvent, noFailure, noToken } from '../jobs/transitions.js';
import { type Client, json, sql, type Transaction } from '../postgres/client.js';
import { storeResults } from '../results/results.js';
import { goBackTo, prune, type ResumePoint, resumePoint, storeCheckpoint } from './checkpoints.js';
import { close, endCancelled, endFailed, endHandedBack, endPaused } from './endings.js';
import { StaleAttemptError } from './errors.js';
import { hold, moveHeld } from './lockedJob.js';

export type OpenedAttempt = ResumePoint & {
  /** Names this attempt in every write; void as soon as the attempt is not the job's current one. */
  token: string;
  jobId: string;
  attempt: number;
  spec: JobSpec;
  /** How long the job waited for this, in seconds. */
  queuedSeconds: number;
  /** Of the request that submitted the job; null where it is not known. */
  requestId: string | null;
};

/** Code of the failure of attempts whose worker fell silent. */
const workerLost: FailureCode = 'worker_lost';

/** A checkpoint whose files the artifact store has under `key`. */
export type NewCheckpoint = { manifest: CheckpointManifest; key: string };

/**
 * Turns a delivery into a running attempt that goes on from the newest checkpoint that serves. What came after it is
 * deleted: it will be trained again.
 *
 * @returns null if the delivery is stale: the job is not queued, or for another attempt.
 */
function open(
  client: Client,
  request: { jobId: string; attempt: number; workerId: string },
): Promise<OpenedAttempt | null> {
  const { jobId, attempt, workerId } = request;
  const token = randomUUID();
  return client.$transaction(async (tx) => {
    const waited = await waiting(tx, jobId);
    const point = await resumePoint(tx, jobId);
    const { epoch: resumedFromEpoch = 0, step: resumedFromStep = 0 } = point.resumeFrom?.manifest.cursor ?? {};
    const moved = await move(tx, {
      where: sql`id = ${jobId} AND state = 'queued' AND attempt = ${attempt}::int`,
      set: [
        sql`state = 'running', token = ${token}, heartbeat_at = now(), started_at = coalesce(started_at, now())`,
        sql`progress = NULL`,
        noFailure,
      ],
      events: [{ type: 'started', data: { workerId, resumedFromEpoch, resumedFromStep } }],
    });
    if (!moved) return null;
    await tx.attempt.create({ data: { jobId, number: attempt, workerId, startedAt: moved.at, resumedFromEpoch } });
    await goBackTo(tx, jobId, point);
    const { spec } = await tx.job.findUniqueOrThrow({ where: { id: jobId }, select: { spec: true } });
    // A spec that is older than a field gets its default.
    return { token, jobId, attempt, spec: completeJobSpecSchema.parse(spec), ...waited, ...point };
  });
}

/** Of a queued job: nothing has changed its row since it was queued. */
async function waiting(tx: Transaction, jobId: string): Promise<Pick<OpenedAttempt, 'queuedSeconds' | 'requestId'>> {
  const [row] = await tx.$queryRaw<Pick<OpenedAttempt, 'queuedSeconds' | 'requestId'>[]>`
    SELECT greatest(0, extract(epoch FROM now() - updated_at))::float8 AS "queuedSeconds",
      (SELECT data ->> 'requestId' FROM events WHERE job_id = jobs.id AND sequence = 1) AS "requestId"
    FROM jobs WHERE id = ${jobId}`;
  return row ?? { queuedSeconds: 0, requestId: null };
}

/**
 * Says that the worker lives; answers what the user wants of the job (`running`, `pausing` or `cancelling`).
 *
 * @returns null if the attempt is stale: stop it.
 */
async function heartbeat(client: Client, token: string): Promise<{ state: JobState } | null> {
  const [job] = await client.$queryRaw<{ state: JobState }[]>`
    UPDATE jobs SET heartbeat_at = now() WHERE token = ${token} RETURNING state::text`;
  return job ?? null;
}

async function progress(client: Client, token: string, value: Progress): Promise<void> {
  const count = await client.$executeRaw`
    UPDATE jobs SET progress = ${json(value)}, heartbeat_at = now() WHERE token = ${token}`;
  if (count === 0) throw new StaleAttemptError();
}

/** The trainer has loaded everything and says what it computes with. */
async function started(client: Client, token: string, executor: ExecutorInfo): Promise<void> {
  await hold(client, token, async (tx, job) => {
    await tx.attempt.update({ where: { jobId_number: { jobId: job.id, number: job.attempt } }, data: { executor } });
    // The job tells its executor, so this is another version of it.
    await moveHeld(tx, token, { events: [] });
  });
}

async function warning(client: Client, token: string, warned: { code: string; message: string }): Promise<void> {
  await hold(client, token, (tx) => moveHeld(tx, token, { events: [{ type: 'warning', data: warned }] }));
}

/** A write that is repeated because the connection broke before its answer came: nothing more is to be done. */
const writtenBefore = { removedKeys: [] };

/**
 * Stores an epoch with its checkpoint, and lets go of checkpoints that are neither best nor among the newest.
 *
 * @returns artifacts whose rows went; their files can go.
 */
function epoch(
  client: Client,
  token: string,
  metrics: EpochMetrics,
  checkpoint: NewCheckpoint | null,
): Promise<{ removedKeys: string[] }> {
  return hold(client, token, async (tx, job) => {
    const { epoch: number, validationLoss, validationAccuracy } = metrics;
    if (await tx.epochMetrics.findUnique({ where: { jobId_epoch: { jobId: job.id, epoch: number } } }))
      return writtenBefore;
    const best = sql`best_epoch = ${number}::int, best_validation_loss = ${validationLoss}::float8,
      best_validation_accuracy = ${validationAccuracy}::float8`;
    const events: NewEvent[] = [{ type: 'epoch', data: metrics }];
    if (checkpoint) events.push({ type: 'checkpoint', data: { epoch: number, step: 0, best: metrics.best } });
    await moveHeld(tx, token, { set: metrics.best ? [best] : [], events });
    await tx.epochMetrics.create({ data: { jobId: job.id, attempt: job.attempt, ...metrics } });
    if (!checkpoint) return { removedKeys: [] };
    await storeCheckpoint(tx, { jobId: job.id, attempt: job.attempt, best: metrics.best, ...checkpoint });
    return { removedKeys: await prune(tx, job.id, job.spec.checkpoint.keep) };
  });
}

/**
 * Stores a checkpoint within an epoch, or the one of a best epoch that was stored without; it is the job's newest.
 *
 * @returns artifacts whose rows went; their files can go.
 */
function checkpoint(client: Client, token: string, stored: NewCheckpoint): Promise<{ removedKeys: string[] }> {
  return hold(client, token, async (tx, job) => {
    const { cursor, best: bestSoFar } = stored.manifest;
    if (await tx.checkpoint.findUnique({ where: { key: stored.key } })) return writtenBefore;
    const best = cursor.step === 0 && cursor.epoch === bestSoFar?.epoch;
    await moveHeld(tx, token, {
      events: [{ type: 'checkpoint', data: { epoch: cursor.epoch, step: cursor.step, best } }],
    });
    await storeCheckpoint(tx, { jobId: job.id, attempt: job.attempt, best, ...stored });
    return { removedKeys: await prune(tx, job.id, job.spec.checkpoint.keep) };
  });
}

/**
 * Takes a checkpoint whose files are damaged out of use.
 *
 * @returns the point to go on from instead; what came after it is deleted.
 */
function setAside(client: Client, token: string, key: string): Promise<ResumePoint> {
  return hold(client, token, async (tx, job) => {
    const { count } = await tx.checkpoint.deleteMany({ where: { jobId: job.id, key } });
    const point = await resumePoint(tx, job.id);
    const resumedFromEpoch = await goBackTo(tx, job.id, point);
    const attempt = { jobId: job.id, number: job.attempt };
    await tx.attempt.update({ where: { jobId_number: attempt }, data: { resumedFromEpoch } });
    const message = `checkpoint ${key} is damaged; going on from epoch ${resumedFromEpoch}`;
    if (count)
      await moveHeld(tx, token, { events: [{ type: 'warning', data: { code: 'checkpoint_damaged', message } }] });
    return point;
  });
}

/** Ends the job with its test. A job that is being cancelled ends as cancelled, without. */
function succeed(client: Client, token: string, results: TestResults): Promise<{ state: JobState }> {
  return hold(client, token, async (tx, job) => {
    if (job.state === 'cancelling') return endCancelled(tx, token, job);
    const { classes: _classes, confusion: _confusion, ...overall } = results;
    const moved = await moveHeld(tx, token, {
      set: [sql`state = 'succeeded', finished_at = now()`, noToken],
      events: [{ type: 'tested', data: overall }, { type: 'succeeded' }],
    });
    await close(tx, job, moved, 'succeeded');
    await storeResults(tx, job, moved.at, results);
    return moved;
  });
}

/**
 * Ends the attempt. The job is queued again if the failure may pass (`retryable`) and attempts are left.
 *
 * @returns the state in which that leaves the job.
 */
function fail(
  client: Client,
  token: string,
  failure: Failure,
  options: { retryable: boolean },
): Promise<{ state: JobState }> {
  return hold(client, token, (tx, job) => endFailed(tx, token, job, { failure, outcome: 'failed', ...options }));
}

/** The trainer has stopped because the user cancelled. */
async function cancelled(client: Client, token: string): Promise<void> {
  await hold(client, token, (tx, job) => endCancelled(tx, token, job));
}

/**
 * Gives the job back, as a worker does that is told to stop, or that its user wants to pause: it is queued again, or
 * paused. Counts as no failure.
 *
 * @param checkpoint where the next attempt goes on from, in the middle of an epoch; null: from the newest there is.
 * @returns artifacts whose rows went; their files can go.
 */
function handBack(
  client: Client,
  token: string,
  checkpoint: NewCheckpoint | null,
): Promise<{ state: JobState; removedKeys: string[] }> {
  return hold(client, token, async (tx, job) => {
    if (checkpoint) await storeCheckpoint(tx, { jobId: job.id, attempt: job.attempt, best: false, ...checkpoint });
    const removedKeys = checkpoint ? await prune(tx, job.id, job.spec.checkpoint.keep) : [];
    if (job.state === 'cancelling') return { ...(await endCancelled(tx, token, job)), removedKeys };
    const cursor = checkpoint?.manifest.cursor ?? null;
    const moved = await (job.state === 'pausing' ? endPaused : endHandedBack)(tx, token, job, cursor);
    return { state: moved.state, removedKeys };
  });
}

/** The newest heartbeat of every attempt that runs, by the database's clock. */
async function heartbeats(client: Client): Promise<Heartbeat[]> {
  return client.$queryRaw<Heartbeat[]>`SELECT token, heartbeat_at AS at FROM jobs WHERE token IS NOT NULL`;
}

/**
 * Ends an attempt whose worker is taken for lost: as a failure that may pass, or as cancelled where that was asked for. Any
 * number of processes may do this at once.
 *
 * @param last the heartbeat after which none came.
 * @returns its job; null if it has ended, or has given another sign of life since.
 */
async function expire(client: Client, { token, at }: Heartbeat, silentSeconds: number): Promise<string | null> {
  const failure = { code: workerLost, message: `the worker gave no sign of life for ${silentSeconds} seconds` };
  try {
    return await hold(client, token, async (tx, job) => {
      const [still] = await tx.$queryRaw<unknown[]>`
        SELECT FROM jobs WHERE token = ${token} AND heartbeat_at = ${at}::timestamptz`;
      if (!still) return null;
      await endFailed(tx, token, job, { failure, outcome: 'lost', retryable: true });
      return job.id;
    });
  } catch (error) {
    // Ended by somebody else meanwhile.
    if (error instanceof StaleAttemptError) return null;
    throw error;
  }
}

/**
 * Tells, in the job's events, that an attempt came back after it had been taken for lost, and that what it wrote was
 * refused. Nothing is told of an attempt that ended in another way.
 */
async function tellRefused(client: Client, { jobId, attempt }: { jobId: string; attempt: number }): Promise<void> {
  const message = `attempt ${attempt} was taken for lost and came back; nothing that it wrote since was stored`;
  await client.$transaction(async (tx) => {
    const lost = { jobId, number: attempt, failureCode: workerLost };
    if ((await tx.attempt.count({ where: lost })) === 0) return;
    await move(tx, {
      where: sql`id = ${jobId}`,
      set: [],
      events: [{ type: 'warning', data: { code: 'stale_attempt', message } }],
    });
  });
}

async function list(client: Client, jobId: string): Promise<Attempt[]> {
  return (await client.attempt.findMany({ where: { jobId }, orderBy: { number: 'asc' } })).map(toAttempt);
}

/** Every function that takes a token throws StaleAttemptError, and writes nothing, once the token is void. */
export const attempts = (client: Client) => ({
  open: (request: { jobId: string; attempt: number; workerId: string }) => open(client, request),
  heartbeat: (token: string) => heartbeat(client, token),
  progress: (token: string, value: Progress) => progress(client, token, value),
  started: (token: string, executor: ExecutorInfo) => started(client, token, executor),
  warning: (token: string, warned: { code: string; message: string }) => warning(client, token, warned),
  epoch: (token: string, metrics: EpochMetrics, checkpoint: NewCheckpoint | null) =>
    epoch(client, token, metrics, checkpoint),
  checkpoint: (token: string, stored: NewCheckpoint) => checkpoint(client, token, stored),
  setAside: (token: string, key: string) => setAside(client, token, key),
  succeed: (token: string, results: TestResults) => succeed(client, token, results),
  fail: (token: string, failure: Failure, options: { retryable: boolean }) => fail(client, token, failure, options),
  cancelled: (token: string) => cancelled(client, token),
  handBack: (token: string, checkpoint: NewCheckpoint | null) => handBack(client, token, checkpoint),
  heartbeats: () => heartbeats(client),
  expire: (last: Heartbeat, silentSeconds: number) => expire(client, last, silentSeconds),
  tellRefused: (attempt: { jobId: string; attempt: number }) => tellRefused(client, attempt),
  list: (jobId: string) => list(client, jobId),
});
