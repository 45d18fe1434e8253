import type { Checkpoint, CheckpointManifest, WatchedMetric } from '@trainyard/contracts';
import type { Client, Transaction } from './client.js';
import { type CheckpointRow, toCheckpoint, toCheckpointRow } from './rows.js';

export type StoredCheckpoint = { checkpoint: Checkpoint; key: string; manifest: CheckpointManifest };

const newestFirst = [{ globalStep: 'desc' }, { epoch: 'desc' }] as const;

/** Where a job goes on from: its newest checkpoint, and its best where that is another. */
export async function resumePoint(tx: Transaction, jobId: string) {
  const rows = await tx.checkpoint.findMany({ where: { jobId }, orderBy: [...newestFirst] });
  const find = (row: (typeof rows)[number] | undefined): CheckpointRow | null => (row ? toCheckpointRow(row) : null);
  return { resumeFrom: find(rows[0]), best: find(rows.find((row) => row.best)) };
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
 * Deletes the rows of all checkpoints but the best and, besides it, the `keep` newest.
 *
 * @returns their keys.
 */
export async function prune(tx: Transaction, jobId: string, keep: number): Promise<string[]> {
  const removed = await tx.$queryRaw<{ key: string }[]>`
    DELETE FROM checkpoints WHERE job_id = ${jobId} AND NOT best AND NOT last AND key NOT IN (
      SELECT key FROM checkpoints WHERE job_id = ${jobId} AND NOT best
      ORDER BY global_step DESC, epoch DESC LIMIT ${keep}::int
    )
    RETURNING key`;
  return removed.map(({ key }) => key);
}

/** Deletes a checkpoint and lets the best and the newest of those that are left take its places. */
export async function remove(tx: Transaction, jobId: string, key: string, metric: WatchedMetric): Promise<void> {
  await tx.checkpoint.deleteMany({ where: { jobId, key } });
  await tx.checkpoint.updateMany({ where: { jobId }, data: { best: false, last: false } });
  const last = await tx.checkpoint.findFirst({ where: { jobId }, orderBy: [...newestFirst] });
  if (last) await tx.checkpoint.update({ where: { key: last.key }, data: { last: true } });
  const best = await tx.checkpoint.findFirst({
    where: { jobId, validationLoss: { not: null } },
    orderBy: [
      metric === 'validationLoss' ? { validationLoss: 'asc' } : { validationAccuracy: 'desc' },
      { epoch: 'asc' },
    ],
  });
  if (best) await tx.checkpoint.update({ where: { key: best.key }, data: { best: true } });
  await tx.job.update({
    where: { id: jobId },
    data: {
      bestEpoch: best?.epoch ?? null,
      bestValidationLoss: best?.validationLoss ?? null,
      bestValidationAccuracy: best?.validationAccuracy ?? null,
    },
  });
}

/** Oldest first. */
async function list(client: Client, jobId: string): Promise<Checkpoint[]> {
  const rows = await client.checkpoint.findMany({ where: { jobId }, orderBy: [{ epoch: 'asc' }, { step: 'asc' }] });
  return rows.map(toCheckpoint);
}

/** @param ref `best`, `last`, or the epoch after which it was written. */
async function find(client: Client, jobId: string, ref: 'best' | 'last' | number): Promise<StoredCheckpoint | null> {
  const which = typeof ref === 'number' ? { epoch: ref, step: 0 } : { [ref]: true };
  const row = await client.checkpoint.findFirst({ where: { jobId, ...which } });
  return row && { checkpoint: toCheckpoint(row), ...toCheckpointRow(row) };
}

export const checkpoints = (client: Client) => ({
  list: (jobId: string) => list(client, jobId),
  find: (jobId: string, ref: 'best' | 'last' | number) => find(client, jobId, ref),
});
