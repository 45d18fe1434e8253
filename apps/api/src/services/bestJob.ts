import { NotFoundError, resultsQuerySchema } from '@trainyard/contracts';
import type { Project } from '@trainyard/db';

/**
 * The job of an experiment with the best test accuracy, of those that were tested to their end; tests of checkpoints,
 * which may be on other images, do not count.
 * @returns its id
 * @throws NotFoundError
 */
export async function findBestJob(project: Pick<Project, 'results'>, experiment: string): Promise<string> {
  const filter = 'kind = training';
  const query = resultsQuerySchema.parse({ experiment, filter, sort: '-accuracy', limit: '1' });
  const { data } = await project.results.history(query);
  const [best] = data;
  if (!best) throw new NotFoundError(`a tested job of the experiment ${experiment}`);
  return best.jobId;
}
