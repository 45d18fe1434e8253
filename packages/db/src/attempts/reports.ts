import { type EpochMetrics, type ExecutorInfo, maxOutputLength, maxOutputLines } from '@trainyard/contracts';
import { z } from 'zod';
import type { NewEvent } from '../jobs/transitions.js';
import type { Connection } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';
import { type LockedJob, moveLocked } from './lockedJob.js';
import { overfittingEvent } from './overfitting.js';
import { type ResumePoint, requireEpoch, resumePoint, rewindTo } from './resumePoint.js';
import { type CommittedCheckpoint, pruneCheckpoints, storeCheckpoint } from './storeCheckpoint.js';

/*
 * What a running attempt reports. Each function writes for a locked job; the methods of `Attempts` lock it.
 */

/** Artifacts whose rows were deleted; their files can be removed. */
export type Removed = { removedKeys: string[] };

const nothingRemoved: Removed = { removedKeys: [] };

const attemptOf = ({ id, attempt }: LockedJob) => ({ jobId_number: { jobId: id, number: attempt } });

export async function storeExecutor(tx: Connection, job: LockedJob, executor: ExecutorInfo): Promise<void> {
  await tx.prisma.attempt.update({ where: attemptOf(job), data: { executor } });
  // The API shows the executor with the job, so the job gets a new version.
  await moveLocked(tx, job, { events: [] });
}

const countSchema = z.object({ count: z.int() });
const fullMessage = 'the log of this job is full; further output is in the log of its worker';

/** The last line that a job may have says that it is the last. */
export async function storeOutput(tx: Connection, job: LockedJob, lines: string[]): Promise<void> {
  const [stored] = await tx.query(
    countSchema,
    sql`SELECT count(*)::int AS count FROM events WHERE job_id = ${job.id} AND type = 'output'`,
  );
  const room = maxOutputLines - (stored?.count ?? 0);
  const kept = lines.length < room ? lines : [...lines.slice(0, Math.max(room - 1, 0)), fullMessage].slice(0, room);
  const events = kept.map((line): NewEvent => ({ type: 'output', data: { message: line.slice(0, maxOutputLength) } }));
  if (events.length > 0) await moveLocked(tx, job, { events });
}

export async function storeEpoch(
  tx: Connection,
  job: LockedJob,
  metrics: EpochMetrics,
  checkpoint: CommittedCheckpoint | null,
): Promise<Removed> {
  const { epoch, validationLoss, validationAccuracy, trainLoss, trainAccuracy } = metrics;
  // The write is a repetition, because its connection broke before the answer arrived: nothing is left to do.
  const stored = await tx.prisma.epochMetrics.findUnique({ where: { jobId_epoch: { jobId: job.id, epoch } } });
  if (stored) return nothingRemoved;
  await requireEpoch(tx, job.id, epoch - 1);
  const best = sql`best_epoch = ${epoch}::int, best_validation_loss = ${validationLoss}::float8,
    best_validation_accuracy = ${validationAccuracy}::float8, best_train_loss = ${trainLoss}::float8,
    best_train_accuracy = ${trainAccuracy}::float8`;
  const events: NewEvent[] = [{ type: 'epoch', data: metrics }];
  if (checkpoint) events.push({ type: 'checkpoint', data: { epoch, step: 0, best: metrics.best } });
  const overfitting = await overfittingEvent(tx, job.id, metrics);
  if (overfitting) events.push(overfitting);
  await moveLocked(tx, job, { set: metrics.best ? [best] : [], events });
  await tx.prisma.epochMetrics.create({ data: { jobId: job.id, attempt: job.attempt, ...metrics } });
  if (!checkpoint) return nothingRemoved;
  await storeCheckpoint(tx, job, checkpoint, metrics.best);
  return { removedKeys: await pruneCheckpoints(tx, job) };
}

export async function storeLateCheckpoint(
  tx: Connection,
  job: LockedJob,
  checkpoint: CommittedCheckpoint,
): Promise<Removed> {
  const { cursor, best: bestSoFar } = checkpoint.manifest;
  // A repetition, as above.
  if (await tx.prisma.checkpoint.findUnique({ where: { key: checkpoint.key } })) return nothingRemoved;
  await requireEpoch(tx, job.id, cursor.epoch);
  const best = cursor.step === 0 && cursor.epoch === bestSoFar?.epoch;
  await moveLocked(tx, job, {
    events: [{ type: 'checkpoint', data: { epoch: cursor.epoch, step: cursor.step, best } }],
  });
  await storeCheckpoint(tx, job, checkpoint, best);
  return { removedKeys: await pruneCheckpoints(tx, job) };
}

export async function setCheckpointAside(tx: Connection, job: LockedJob, key: string): Promise<ResumePoint> {
  const { count } = await tx.prisma.checkpoint.deleteMany({ where: { jobId: job.id, key } });
  const point = await resumePoint(tx, job.id);
  const resumedFromEpoch = await rewindTo(tx, job.id, point);
  await tx.prisma.attempt.update({ where: attemptOf(job), data: { resumedFromEpoch } });
  const message = `checkpoint ${key} is missing or damaged; resuming from epoch ${resumedFromEpoch}`;
  if (count) {
    await moveLocked(tx, job, { events: [{ type: 'warning', data: { code: 'checkpoint_damaged', message } }] });
  }
  return point;
}
