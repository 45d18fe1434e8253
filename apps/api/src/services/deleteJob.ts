import type { DiskArtifactStore } from '@trainyard/artifacts';
import type { Project } from '@trainyard/db';
import type { FastifyBaseLogger } from 'fastify';

export interface Deletion {
  project: Project;
  artifacts: Pick<DiskArtifactStore, 'removeJob'>;
  log: Pick<FastifyBaseLogger, 'warn'>;
}

/**
 * Deletes a job that has ended: first its rows, then its files. If removing the files fails or the process dies in
 * between, the sweeper removes them later: the transaction that deletes the rows also records the deletion.
 *
 * @throws NotFoundError, or ConflictError for a job that has not ended.
 */
export async function deleteJob({ project, ...rest }: Deletion, id: string): Promise<void> {
  await project.jobs.delete(id);
  await removeFiles(rest, id);
}

/** Of a job whose rows are deleted. */
export async function removeFiles({ artifacts, log }: Omit<Deletion, 'project'>, id: string): Promise<void> {
  try {
    await artifacts.removeJob(id);
  } catch (error) {
    log.warn({ err: error, jobId: id }, 'cannot remove the files of a deleted job; the sweeper will retry');
  }
}
