import { NotFoundError } from '@trainyard/contracts';
import type { Project } from '@trainyard/db';
import { findJob } from './findJob.js';

/**
 * @param ref `best`, `last` or the number of an epoch.
 * @returns the checkpoint's manifest and its key in the artifact store.
 * @throws NotFoundError
 */
export async function findCheckpoint(project: Pick<Project, 'jobs' | 'checkpoints'>, jobId: string, ref: string) {
  const found = await project.checkpoints.find(jobId, ref === 'best' || ref === 'last' ? ref : Number(ref));
  if (found) return found;
  await findJob(project, jobId);
  const name = ref === 'best' || ref === 'last' ? `the ${ref} checkpoint` : `a checkpoint of epoch ${ref}`;
  throw new NotFoundError(`${name} of job ${jobId}`);
}
