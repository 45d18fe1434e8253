import type { DiskArtifactStore } from '@trainyard/artifacts';
import type { Project } from '@trainyard/db';
import type { FastifyBaseLogger } from 'fastify';

export interface Deletion {
  project: Project;
  artifacts: Pick<DiskArtifactStore, 'removeJob'>;
  log: Pick<FastifyBaseLogger, 'warn'>;
}

/**
 * Deletes a job that has ended: its rows at once, then its files. Once the rows are gone, the sweeper removes what this process
 * could not, so that the two go together or not at all.
 *
 * @throws NotFoundError, or ConflictError for a job that has not ended.
 */
export async function deleteJob({ project, artifacts, log }: Deletion, id: string): Promise<void> {
  await project.jobs.delete(id);
  try {
    await artifacts.removeJob(id);
  } catch (error) {
    log.warn({ err: error, jobId: id }, 'files of a deleted job are still there; the sweeper will remove them');
  }
}
