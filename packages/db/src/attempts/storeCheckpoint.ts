import { checkpointManifestSchema } from '@trainyard/contracts';
import { z } from 'zod';
import { type Connection, parseRow } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';
import type { LockedJob } from './lockedJob.js';

const committedSchema = z.object({ key: z.string(), manifest: checkpointManifestSchema });
/** A checkpoint whose files the artifact store has under `key`. */
export type CommittedCheckpoint = z.output<typeof committedSchema>;

/** @param row of the table `checkpoints`. */
export const toCommitted = (row: { key: string; manifest: unknown }): CommittedCheckpoint =>
  parseRow(committedSchema, row);

/** Inserts the row of the newest checkpoint: it becomes `last`, and `best` if the flag says so. */
export async function storeCheckpoint(
  tx: Connection,
  { id: jobId, attempt }: LockedJob,
  { key, manifest }: CommittedCheckpoint,
  best: boolean,
): Promise<void> {
  const { cursor, metrics, files } = manifest;
  await tx.execute(sql`
    UPDATE checkpoints SET last = false, best = best AND NOT ${best}::bool WHERE job_id = ${jobId} AND (best OR last)`);
  await tx.prisma.checkpoint.create({
    data: {
      jobId,
      ...cursor,
      attempt,
      best,
      last: true,
      key,
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      weightsSha256: files.find((file) => file.name === 'weights.bin')?.sha256 ?? '',
      validationLoss: metrics?.validationLoss ?? null,
      validationAccuracy: metrics?.validationAccuracy ?? null,
      manifest,
      createdAt: new Date(manifest.createdAt),
    },
  });
}

/**
 * Deletes the rows of all checkpoints except the best and, besides it, the newest ones of whole epochs, as many as the
 * spec's `checkpoint.keep`. The two newest always stay, in case the last is damaged, together with the best checkpoints
 * that their manifests name. All others that were written within an epoch are deleted.
 *
 * @returns the deleted keys; their files can be removed.
 */
export async function pruneCheckpoints(tx: Connection, { id: jobId, spec }: LockedJob): Promise<string[]> {
  const removed = await tx.query(
    z.object({ key: z.string() }),
    sql`
    WITH newest AS (
      SELECT key, manifest FROM checkpoints WHERE job_id = ${jobId} ORDER BY global_step DESC, epoch DESC LIMIT 2
    ), kept AS (
      SELECT key FROM checkpoints WHERE job_id = ${jobId} AND NOT best AND step = 0
      ORDER BY global_step DESC LIMIT ${spec.checkpoint.keep}::int
    )
    DELETE FROM checkpoints WHERE job_id = ${jobId} AND NOT best
      AND key NOT IN (SELECT key FROM newest UNION ALL SELECT key FROM kept)
      AND (step > 0 OR epoch NOT IN (SELECT coalesce((manifest -> 'best' ->> 'epoch')::int, 0) FROM newest))
    RETURNING key`,
  );
  return removed.map(({ key }) => key);
}
