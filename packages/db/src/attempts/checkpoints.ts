import type { Checkpoint, CheckpointManifest } from '@trainyard/contracts';
import { type CheckpointRow, toCheckpoint, toCheckpointRow } from '../jobs/rows.js';
import type { Client, Transaction } from '../postgres/client.js';

export type StoredCheckpoint = { checkpoint: Checkpoint; key: string; manifest: CheckpointManifest };

const newestFirst = [{ globalStep: 'desc' }, { epoch: 'desc' }] as const;

export type ResumePoint = {
  /** null: begin from the beginning. */
  resumeFrom: CheckpointRow | null;
  /** The best epoch of those that `resumeFrom` knows; its weights are tested if no epoch beats it. */
  best: CheckpointRow | null;
  /** Keys of newer checkpoints, which nothing can go on from. */
  passedOver: string[];
};

/**
 * Where a job goes on from: the newest checkpoint whose best epoch has its checkpoint too. Without it, the run could not
 * end as it would have undisturbed: it goes on from before that epoch.
 */
export async function resumePoint(tx: Transaction, jobId: string): Promise<ResumePoint> {
  const found = await tx.checkpoint.findMany({ where: { jobId }, orderBy: [...newestFirst] });
  const rows = found.map(toCheckpointRow);
  const bestOf = ({ manifest: { best } }: CheckpointRow) =>
    rows.find(({ manifest: { cursor } }) => cursor.epoch === best?.epoch && cursor.step === 0) ?? null;
  const at = rows.findIndex((row) => row.manifest.best === null || bestOf(row) !== null);
  const resumeFrom = rows[at] ?? null;
  const passedOver = rows.slice(0, at < 0 ? rows.length : at).map(({ key }) => key);
  return { resumeFrom, best: resumeFrom && bestOf(resumeFrom), passedOver };
}

/**
 * Makes the job's rows what they were when it stood at the point: no newer checkpoint, no later epoch.
 *
 * @returns the number of epochs that are complete there.
 */
export async function goBackTo(tx: Transaction, jobId: string, point: ResumePoint): Promise<number> {
  const epoch = point.resumeFrom?.manifest.cursor.epoch ?? 0;
  if (point.passedOver.length) await tx.checkpoint.deleteMany({ where: { key: { in: point.passedOver } } });
  await tx.checkpoint.updateMany({
    where: { jobId, OR: [{ best: true }, { last: true }] },
    data: { best: false, last: false },
  });
  const mark = (row: CheckpointRow | null, as: { best: true } | { last: true }) =>
    row && tx.checkpoint.update({ where: { key: row.key }, data: as });
  await mark(point.best, { best: true });
  await mark(point.resumeFrom, { last: true });
  const { count } = await tx.epochMetrics.deleteMany({ where: { jobId, epoch: { gt: epoch } } });
  if (count) await tellBest(tx, jobId);
  return epoch;
}

/** The best epoch is the last of those that were the best so far. */
async function tellBest(tx: Transaction, jobId: string): Promise<void> {
  const best = await tx.epochMetrics.findFirst({ where: { jobId, best: true }, orderBy: { epoch: 'desc' } });
  await tx.job.update({
    where: { id: jobId },
    data: {
      bestEpoch: best?.epoch ?? null,
      bestValidationLoss: best?.validationLoss ?? null,
      bestValidationAccuracy: best?.validationAccuracy ?? null,
    },
  });
}

type NewRow = { jobId: string; attempt: number; best: boolean; key: string; manifest: CheckpointManifest };

/** Adds the newest checkpoint: it becomes `last`, and `best` if it is that. */
export async function storeCheckpoint(tx: Transaction, { jobId, attempt, best, key, manifest }: NewRow): Promise<void> {
  const { cursor, metrics, files } = manifest;
  await tx.$executeRaw`
    UPDATE checkpoints SET last = false, best = best AND NOT ${best}::bool WHERE job_id = ${jobId} AND (best OR last)`;
  const { validationLoss = null, validationAccuracy = null } = metrics ?? {};
  await tx.checkpoint.create({
    data: {
      ...{ jobId, attempt, best, last: true, key, ...cursor, validationLoss, validationAccuracy, manifest },
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      weightsSha256: files.find((file) => file.name === 'weights.bin')?.sha256 ?? '',
      createdAt: new Date(manifest.createdAt),
    },
  });
}

/**
 * Deletes the rows of all checkpoints but the best and, besides it, the `keep` newest of whole epochs. The two newest always
 * stay, in case the last is damaged, with the bests that they go on with; others that were written within an epoch go.
 *
 * @returns their keys.
 */
export async function prune(tx: Transaction, jobId: string, keep: number): Promise<string[]> {
  const removed = await tx.$queryRaw<{ key: string }[]>`
    WITH newest AS (
      SELECT key, manifest FROM checkpoints WHERE job_id = ${jobId} ORDER BY global_step DESC, epoch DESC LIMIT 2
    ), kept AS (
      SELECT key FROM checkpoints WHERE job_id = ${jobId} AND NOT best AND step = 0
      ORDER BY global_step DESC LIMIT ${keep}::int
    )
    DELETE FROM checkpoints WHERE job_id = ${jobId} AND NOT best
      AND key NOT IN (SELECT key FROM newest UNION ALL SELECT key FROM kept)
      AND (step > 0 OR epoch NOT IN (SELECT coalesce((manifest -> 'best' ->> 'epoch')::int, 0) FROM newest))
    RETURNING key`;
  return removed.map(({ key }) => key);
}

/** Oldest first. */
async function list(client: Client, project: string, jobId: string): Promise<Checkpoint[]> {
  const where = { jobId, attemptRow: { job: { project } } };
  const rows = await client.checkpoint.findMany({ where, orderBy: [{ epoch: 'asc' }, { step: 'asc' }] });
  return rows.map(toCheckpoint);
}

/** @param ref `best`, `last`, or the epoch after which it was written. */
async function find(
  client: Client,
  project: string,
  jobId: string,
  ref: 'best' | 'last' | number,
): Promise<StoredCheckpoint | null> {
  const which = typeof ref === 'number' ? { epoch: ref, step: 0 } : { [ref]: true };
  const row = await client.checkpoint.findFirst({ where: { jobId, attemptRow: { job: { project } }, ...which } });
  return row && { checkpoint: toCheckpoint(row), ...toCheckpointRow(row) };
}

/** Those of the keys that no checkpoint has. */
async function unknown(client: Client, keys: string[]): Promise<string[]> {
  const rows = await client.$queryRaw<{ key: string }[]>`
    SELECT key FROM unnest(${keys}::text[]) AS key WHERE NOT EXISTS (SELECT FROM checkpoints WHERE checkpoints.key = key.key)`;
  return rows.map(({ key }) => key);
}

export const checkpoints = (client: Client, project: string) => ({
  list: (jobId: string) => list(client, project, jobId),
  find: (jobId: string, ref: 'best' | 'last' | number) => find(client, project, jobId, ref),
});

export const checkpointKeys = (client: Client) => ({ unknown: (keys: string[]) => unknown(client, keys) });
