import {
  type Alias,
  type AliasBody,
  ConflictError,
  InvalidInputError,
  isTerminal,
  NotFoundError,
} from '@trainyard/contracts';
import type { Project } from '@trainyard/db';
import { findCheckpoint } from './findCheckpoint.js';

/** @throws NotFoundError */
export async function findAlias(project: Pick<Project, 'aliases'>, experiment: string, alias: string): Promise<Alias> {
  const found = await project.aliases.find(experiment, alias);
  if (!found) throw new NotFoundError(`the alias ${alias} of the experiment ${experiment}`);
  return found;
}

/**
 * The checkpoint that an alias points to.
 * @throws NotFoundError where the alias, its job or its checkpoint is gone; ConflictError where that is another by now
 */
export async function aliasedCheckpoint(
  project: Pick<Project, 'aliases' | 'checkpoints'>,
  experiment: string,
  alias: string,
): Promise<Alias> {
  const found = await findAlias(project, experiment, alias);
  const { jobId, epoch, weightsSha256 } = found;
  const stored = await project.checkpoints.find(jobId, epoch);
  const remedy = 'move the alias to another checkpoint';
  if (!stored) throw new NotFoundError(`the checkpoint of epoch ${epoch} of job ${jobId}, to which ${alias} points`);
  if (stored.checkpoint.weightsSha256 !== weightsSha256)
    throw new ConflictError(
      `job ${jobId} has trained epoch ${epoch} again since ${alias} was pointed to it, with other weights; ${remedy}`,
    );
  return found;
}

/**
 * The checkpoint to which a user points an alias of an experiment.
 * @throws NotFoundError; InvalidInputError for a job of another experiment; ConflictError for one that has not ended
 */
export async function aliasTarget(
  project: Pick<Project, 'jobs' | 'checkpoints'>,
  experiment: string,
  { jobId, checkpoint: ref = 'best' }: AliasBody,
): Promise<Pick<Alias, 'jobId' | 'epoch' | 'weightsSha256'>> {
  const { checkpoint } = await findCheckpoint(project, jobId, ref);
  const job = await project.jobs.find(jobId);
  if (job?.experiment !== experiment)
    throw new InvalidInputError('the job is not of the experiment', [
      { pointer: '/jobId', detail: `must be a job of the experiment ${experiment}; this one is of ${job?.experiment}` },
    ]);
  if (!isTerminal(job.state))
    throw new ConflictError(`job ${jobId} is ${job.state}; an alias points to a checkpoint of a job that has ended`);
  const { epoch, step, weightsSha256 } = checkpoint;
  if (step > 0)
    throw new ConflictError(`the ${ref} checkpoint of job ${jobId} was written within epoch ${epoch + 1}; use best`);
  return { jobId, epoch, weightsSha256 };
}
