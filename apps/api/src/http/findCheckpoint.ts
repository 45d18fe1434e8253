import { NotFoundError } from '@trainyard/contracts';
import type { Database } from '@trainyard/db';
import { findJob } from './findJob.js';

/** The checkpoint that `ref` (best, last or an epoch) names, and its key in the artifact store. @throws NotFoundError */
export async function findCheckpoint(db: Pick<Database, 'jobs' | 'checkpoints'>, jobId: string, ref: string) {
  const found = await db.checkpoints.find(jobId, ref === 'best' || ref === 'last' ? ref : Number(ref));
  if (found) return found;
  await findJob(db, jobId);
  const name = ref === 'best' || ref === 'last' ? `the ${ref} checkpoint` : `a checkpoint of epoch ${ref}`;
  throw new NotFoundError(`${name} of job ${jobId}`);
}
