import type { DiskArtifactStore } from '@trainyard/artifacts';
import type { Database } from '@trainyard/db';
import type { FastifyBaseLogger } from 'fastify';

export interface SweeperOptions {
  db: Pick<Database, 'deletions' | 'retention' | 'withAdvisoryLock'>;
  artifacts: DiskArtifactStore;
  /** Days after a job's end for which its events of epochs, and its checkpoints besides the best, stay; null: for ever. */
  keepEventsDays: number | null;
  keepCheckpointsDays: number | null;
  logger: Pick<FastifyBaseLogger, 'info'>;
  /** Milliseconds for which files are left alone: their row may be on its way. An hour by default. */
  graceMs?: number;
}

/** Keys or jobs that one statement asks about. */
const batch = 500;

const hour = 60 * 60 * 1000;

/**
 * Removes what a crash has left (files of deleted jobs, checkpoints without a row, checkpoints that were never finished), and
 * what has outlived its time. The best checkpoint of a job goes with its job alone. Of any number of processes one sweeps.
 */
export function sweep(options: SweeperOptions): Promise<boolean> {
  return options.db.withAdvisoryLock('trainyard sweeper', async () => {
    const swept = {
      deletedJobs: await finishDeletions(options),
      events: await pruneEvents(options),
      checkpoints: await pruneCheckpoints(options),
      orphans: await removeOrphans(options),
      unfinished: await removeUnfinished(options),
    };
    if (Object.values(swept).some((count) => count > 0)) options.logger.info(swept, 'swept');
  });
}

async function finishDeletions({ db, artifacts }: SweeperOptions): Promise<number> {
  let count = 0;
  let ids = await db.deletions.list(batch);
  for (; ids.length > 0; ids = await db.deletions.list(batch, ids.at(-1))) {
    for (const id of ids) if (await artifacts.removeJob(id)) count += 1;
    await db.deletions.done(ids);
  }
  return count;
}

const pruneEvents = async ({ db, keepEventsDays }: SweeperOptions): Promise<number> =>
  keepEventsDays === null ? 0 : db.retention.pruneEvents(keepEventsDays);

/** Rows first: a crash in between leaves orphans, which the next sweep removes. */
async function pruneCheckpoints({ db, artifacts, keepCheckpointsDays }: SweeperOptions): Promise<number> {
  if (keepCheckpointsDays === null) return 0;
  const keys = await db.retention.pruneCheckpoints(keepCheckpointsDays);
  for (const key of keys) await artifacts.remove(key);
  return keys.length;
}

async function removeOrphans({ db, artifacts, graceMs = hour }: SweeperOptions): Promise<number> {
  let count = 0;
  for (const jobIds of batches((await artifacts.jobs()).stored)) {
    const keys = (await Promise.all(jobIds.map((id) => artifacts.keys(id)))).flat();
    for (const key of await db.retention.orphans(keys, 'endedJobs')) {
      if ((await artifacts.age(key)) < graceMs) continue;
      await artifacts.remove(key);
      count += 1;
    }
  }
  return count;
}

async function removeUnfinished({ db, artifacts, graceMs = hour }: SweeperOptions): Promise<number> {
  let count = 0;
  for (const jobIds of batches((await artifacts.jobs()).staged)) {
    for (const id of await db.retention.idle(jobIds)) {
      if ((await artifacts.stagingAge(id)) < graceMs) continue;
      await artifacts.removeStaging(id);
      count += 1;
    }
  }
  return count;
}

function* batches<T>(all: T[]): Generator<T[]> {
  for (let begin = 0; begin < all.length; begin += batch) yield all.slice(begin, begin + batch);
}
