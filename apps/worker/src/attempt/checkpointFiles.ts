import { readCheckpoint } from '@trainyard/artifacts';
import type { StagedCheckpoint } from '@trainyard/contracts';
import { type CommittedCheckpoint, type ResumePoint, StaleAttemptError } from '@trainyard/db';
import type { AttemptContext } from './attemptContext.js';

/**
 * Moves a staged checkpoint into the store and writes its row: files first, so that a row always has its files. Where
 * the row is refused, the files are removed; so are those of the checkpoints that the new one replaces.
 */
export async function storeCheckpoint(
  attemptContext: AttemptContext,
  { folder, manifest }: StagedCheckpoint,
  write: (committed: CommittedCheckpoint) => Promise<{ removedKeys: string[] }>,
): Promise<void> {
  const { context, jobId, attempt } = attemptContext;
  const key = `jobs/${jobId}/${attempt}-${manifest.cursor.epoch}-${manifest.cursor.step}`;
  const begin = performance.now();
  await context.artifacts.commit(folder, key);
  try {
    const { removedKeys } = await write({ manifest, key });
    context.metrics.checkpoint(manifest, (performance.now() - begin) / 1000);
    for (const removed of removedKeys) await removeFiles(attemptContext, removed);
  } catch (error) {
    // The write may have been done and only its answer lost, so the database is asked whether the row exists.
    if (error instanceof StaleAttemptError) await removeUnknown(attemptContext, [key]);
    throw error;
  }
}

/** Removes what earlier attempts left: unfinished checkpoints, and files that never got their row. */
export async function removeLeftovers(attemptContext: AttemptContext): Promise<void> {
  const { artifacts } = attemptContext.context;
  await artifacts.removeStaging(attemptContext.jobId);
  await removeUnknown(attemptContext, await artifacts.keys(attemptContext.jobId));
}

async function removeUnknown(attemptContext: AttemptContext, keys: string[]): Promise<void> {
  const unknown = await attemptContext.context.database.retention.orphans(keys, 'allJobs');
  for (const key of unknown) await removeFiles(attemptContext, key);
}

async function removeFiles({ context, log }: AttemptContext, key: string): Promise<void> {
  await context.artifacts
    .remove(key)
    .catch((error: unknown) => log.warn({ err: error, key }, 'could not remove the files of a checkpoint'));
}

/**
 * Takes the damaged checkpoints of a resume point out of use.
 * @returns the resume point before it.
 */
export async function setDamagedAside(
  attemptContext: AttemptContext,
  { resumeFrom, best }: ResumePoint,
): Promise<ResumePoint | null> {
  let point: ResumePoint | null = null;
  for (const key of new Set([resumeFrom, best].flatMap((checkpoint) => checkpoint?.key ?? []))) {
    if (!(await isIntact(attemptContext, key))) point = await setAside(attemptContext, key);
  }
  // Its digests are right, and yet the trainer could not resume from it.
  if (point === null && resumeFrom !== null) point = await setAside(attemptContext, resumeFrom.key);
  return point;
}

const isIntact = ({ context }: AttemptContext, key: string): Promise<boolean> =>
  readCheckpoint(context.artifacts.folder(key)).then(
    () => true,
    () => false,
  );

async function setAside({ context, log, token }: AttemptContext, key: string): Promise<ResumePoint> {
  log.warn({ key }, 'damaged checkpoint set aside');
  const point = await context.database.attempts.setAside(token, key);
  // The files may be missing altogether.
  await context.artifacts
    .setAside(key)
    .catch((error: unknown) => log.warn({ err: error, key }, 'could not set aside the files of a damaged checkpoint'));
  return point;
}
