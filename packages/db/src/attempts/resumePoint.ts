import { z } from 'zod';
import type { Connection } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';
import { LostEpochsError } from './staleAttemptError.js';
import { type CommittedCheckpoint, toCommitted } from './storeCheckpoint.js';

export type ResumePoint = {
  /** null: start from the beginning. */
  resumeFrom: CommittedCheckpoint | null;
  /** The best epoch so far, as of `resumeFrom`; its weights are tested if no later epoch is better. */
  best: CommittedCheckpoint | null;
  /** Keys of newer checkpoints, from which no attempt can resume. */
  passedOver: string[];
};

/**
 * Where a job resumes: at the newest checkpoint whose best epoch still has its checkpoint, and whose epochs all have
 * their rows. Without the best one, the run could not end as it would have without an interruption, so it resumes from
 * before that epoch.
 */
export async function resumePoint(tx: Connection, jobId: string): Promise<ResumePoint> {
  const newestFirst = [{ globalStep: 'desc' }, { epoch: 'desc' }] as const;
  const found = await tx.prisma.checkpoint.findMany({ where: { jobId }, orderBy: [...newestFirst] });
  const checkpoints = found.map(toCommitted);
  const bestOf = ({ manifest: { best } }: CommittedCheckpoint) =>
    checkpoints.find(({ manifest: { cursor } }) => cursor.epoch === best?.epoch && cursor.step === 0) ?? null;
  const epochs = checkpoints.length === 0 ? 0 : await completeEpochs(tx, jobId);
  const at = checkpoints.findIndex(
    (each) => each.manifest.cursor.epoch <= epochs && (each.manifest.best === null || bestOf(each) !== null),
  );
  const resumeFrom = checkpoints[at] ?? null;
  const passedOver = checkpoints.slice(0, at < 0 ? checkpoints.length : at).map(({ key }) => key);
  return { resumeFrom, best: resumeFrom && bestOf(resumeFrom), passedOver };
}

/** The number of the job's epochs up to the first that has no row. */
export async function completeEpochs(tx: Connection, jobId: string): Promise<number> {
  const [found] = await tx.query(
    z.object({ epochs: z.int() }),
    sql`
    SELECT count(*)::int AS epochs
    FROM (SELECT epoch, row_number() OVER (ORDER BY epoch) AS place FROM epoch_metrics WHERE job_id = ${jobId}) AS rows
    WHERE epoch = place`,
  );
  return found?.epochs ?? 0;
}

/**
 * For a write that builds on an epoch. Each epoch was stored after the one before, so one look is enough.
 *
 * @throws LostEpochsError if the database does not have it.
 */
export async function requireEpoch(tx: Connection, jobId: string, epoch: number): Promise<void> {
  if (epoch === 0) return;
  const where = { jobId_epoch: { jobId, epoch } };
  if (await tx.prisma.epochMetrics.findUnique({ where, select: { epoch: true } })) return;
  throw new LostEpochsError(await completeEpochs(tx, jobId), epoch);
}

/**
 * Restores the job's rows to the state at the point: deletes newer checkpoints and later epochs.
 *
 * @returns the number of complete epochs at the point.
 */
export async function rewindTo(tx: Connection, jobId: string, point: ResumePoint): Promise<number> {
  const { checkpoint, epochMetrics } = tx.prisma;
  const epoch = point.resumeFrom?.manifest.cursor.epoch ?? 0;
  if (point.passedOver.length) await checkpoint.deleteMany({ where: { key: { in: point.passedOver } } });
  await checkpoint.updateMany({
    where: { jobId, OR: [{ best: true }, { last: true }] },
    data: { best: false, last: false },
  });
  const { best, resumeFrom } = point;
  if (best) await checkpoint.update({ where: { key: best.key }, data: { best: true } });
  if (resumeFrom) await checkpoint.update({ where: { key: resumeFrom.key }, data: { last: true } });
  const { count } = await epochMetrics.deleteMany({ where: { jobId, epoch: { gt: epoch } } });
  if (count) await restoreBestEpoch(tx, jobId);
  return epoch;
}

/** Sets the job's best epoch to the last one of those that were the best so far. */
async function restoreBestEpoch(tx: Connection, jobId: string): Promise<void> {
  const best = await tx.prisma.epochMetrics.findFirst({ where: { jobId, best: true }, orderBy: { epoch: 'desc' } });
  await tx.prisma.job.update({
    where: { id: jobId },
    data: {
      bestEpoch: best?.epoch ?? null,
      bestValidationLoss: best?.validationLoss ?? null,
      bestValidationAccuracy: best?.validationAccuracy ?? null,
      bestTrainLoss: best?.trainLoss ?? null,
      bestTrainAccuracy: best?.trainAccuracy ?? null,
    },
  });
}
