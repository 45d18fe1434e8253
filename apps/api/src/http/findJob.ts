import { type Job, NotFoundError } from '@trainyard/contracts';
import type { Database } from '@trainyard/db';

/** @throws NotFoundError */
export async function findJob(db: Pick<Database, 'jobs'>, id: string): Promise<Job> {
  const job = await db.jobs.find(id);
  if (!job) throw new NotFoundError(`job ${id}`);
  return job;
}
