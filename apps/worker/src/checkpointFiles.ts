import { readCheckpoint } from '@trainyard/artifacts';
import type { StagedCheckpoint } from '@trainyard/contracts';
import { type NewCheckpoint, type ResumePoint, StaleAttemptError } from '@trainyard/db';
import type { Logger } from 'pino';
import type { Yard } from './yard.js';

/** The attempt whose checkpoints these are. */
export interface Owner {
  yard: Yard;
  log: Logger;
  jobId: string;
  attempt: number;
  token: string;
}

/** Files first, row second, so that a row always has its files; files whose row is refused, or has gone, go too. */
export async function store(
  owner: Owner,
  { folder, manifest }: StagedCheckpoint,
  write: (committed: NewCheckpoint) => Promise<{ removedKeys: string[] }>,
): Promise<void> {
  const { yard, jobId, attempt } = owner;
  const key = `jobs/${jobId}/${attempt}-${manifest.cursor.epoch}-${manifest.cursor.step}`;
  const begin = performance.now();
  await yard.artifacts.commit(folder, key);
  try {
    const { removedKeys } = await write({ manifest, key });
    yard.metrics.checkpoint(manifest, (performance.now() - begin) / 1000);
    for (const removed of removedKeys) await removeFiles(owner, removed);
  } catch (error) {
    // It may be that the write was done, and only its answer lost: the row decides.
    if (error instanceof StaleAttemptError) await removeUnknown(owner, [key]);
    throw error;
  }
}

/** Removes what earlier attempts left: what they had not finished, and files that never got their row. */
export async function removeLeftovers(owner: Owner): Promise<void> {
  await owner.yard.artifacts.removeStaging(owner.jobId);
  await removeUnknown(owner, await owner.yard.artifacts.keys(owner.jobId));
}

async function removeUnknown(owner: Owner, keys: string[]): Promise<void> {
  for (const key of await owner.yard.database.checkpoints.unknown(keys)) await removeFiles(owner, key);
}

async function removeFiles({ yard, log }: Owner, key: string): Promise<void> {
  await yard.artifacts
    .remove(key)
    .catch((error: unknown) => log.warn({ err: error, key }, 'a checkpoint was not removed'));
}

/** Takes the checkpoints of a point that are damaged out of use; gives the point before, to go on from. */
export async function setDamagedAside(owner: Owner, { resumeFrom, best }: ResumePoint): Promise<ResumePoint | null> {
  let point: ResumePoint | null = null;
  for (const key of new Set([resumeFrom, best].flatMap((checkpoint) => checkpoint?.key ?? []))) {
    if (!(await isIntact(owner, key))) point = await setAside(owner, key);
  }
  // Its digests are right, and yet the trainer could not go on from it.
  if (point === null && resumeFrom !== null) point = await setAside(owner, resumeFrom.key);
  return point;
}

const isIntact = ({ yard }: Owner, key: string): Promise<boolean> =>
  readCheckpoint(yard.artifacts.folder(key)).then(
    () => true,
    () => false,
  );

async function setAside({ yard, log, token }: Owner, key: string): Promise<ResumePoint> {
  log.warn({ key }, 'a damaged checkpoint is set aside');
  const point = await yard.database.attempts.setAside(token, key);
  // Its files may be gone altogether.
  await yard.artifacts.setAside(key).catch((error: unknown) => log.warn({ err: error, key }, 'nothing to set aside'));
  return point;
}
