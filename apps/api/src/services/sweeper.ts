import type { DiskArtifactStore } from '@trainyard/artifacts';
import type { Database } from '@trainyard/db';
import type { FastifyBaseLogger } from 'fastify';

export interface SweeperOptions {
  db: Pick<Database, 'deletions' | 'retention' | 'webhookDeliveries' | 'withAdvisoryLock'>;
  artifacts: DiskArtifactStore;
  /**
   * Days after a job's end for which its epoch events, and its checkpoints other than the best, are kept; null: no
   * limit.
   */
  keepEventsDays: number | null;
  keepCheckpointsDays: number | null;
  logger: Pick<FastifyBaseLogger, 'info'>;
  /**
   * Age in milliseconds below which a file is not removed: its row may not be committed yet. One hour by default.
   */
  graceMs?: number;
}

/** Keys or job ids in one statement. */
const batchSize = 500;

/** Of what was sent to webhooks, and of what waits for one that is disabled. */
const keepDeliveriesDays = 30;

const hour = 60 * 60 * 1000;

/**
 * Removes what crashes leave behind (files of deleted jobs, checkpoints without a row, unfinished checkpoints), and
 * what is older than its retention. The best checkpoint of a job is removed only with its job.
 *
 * @returns false if another process is sweeping at the moment; then this one does nothing.
 */
export function sweep(options: SweeperOptions): Promise<boolean> {
  return options.db.withAdvisoryLock('trainyard sweeper', async () => {
    const swept = {
      deletedJobs: await finishDeletions(options),
      events: await pruneEvents(options),
      webhookDeliveries: await options.db.webhookDeliveries.prune(keepDeliveriesDays),
      checkpoints: await pruneCheckpoints(options),
      orphans: await removeOrphans(options),
      unfinished: await removeUnfinished(options),
    };
    if (Object.values(swept).some((count) => count > 0))
      options.logger.info(swept, 'removed expired and orphaned data');
  });
}

async function finishDeletions({ db, artifacts }: SweeperOptions): Promise<number> {
  let count = 0;
  let ids = await db.deletions.list(batchSize);
  for (; ids.length > 0; ids = await db.deletions.list(batchSize, ids.at(-1))) {
    for (const id of ids) if (await artifacts.removeJob(id)) count += 1;
    await db.deletions.done(ids);
  }
  return count;
}

const pruneEvents = async ({ db, keepEventsDays }: SweeperOptions): Promise<number> =>
  keepEventsDays === null ? 0 : db.retention.pruneEvents(keepEventsDays);

/** Rows first: after a crash in between, files without a row are left, which the next sweep removes. */
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
  for (let begin = 0; begin < all.length; begin += batchSize) yield all.slice(begin, begin + batchSize);
}
