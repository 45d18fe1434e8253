import { type Job, NotFoundError } from '@trainyard/contracts';
import type { Project } from '@trainyard/db';

/** @throws NotFoundError */
export async function findJob(project: Pick<Project, 'jobs'>, id: string): Promise<Job> {
  const job = await project.jobs.find(id);
  if (!job) throw new NotFoundError(`job ${id}`);
  return job;
}
