import type { Model } from '@trainyard/architectures';
import {
  ConflictError,
  type Dataset,
  InvalidInputError,
  type Job,
  type JobSpec,
  jobSpecSchema,
} from '@trainyard/contracts';
import type { ProjectDatasets } from '@trainyard/datasets';
import type { Project, Submission, SubmittedJob } from '@trainyard/db';
import { checkSpec } from '@trainyard/spec';
import type { Training } from '@trainyard/training';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Quotas } from './quotas.js';

export interface CheckedSpec extends Training {
  spec: JobSpec;
  dataset: Dataset;
  /** What was chosen for the user, one line each. */
  chosen: string[];
}

/** The dataset that the spec names, or the default one; null if it does not exist or the name itself is invalid. */
async function datasetOf(body: unknown, datasets: ProjectDatasets): Promise<Dataset | null> {
  const { dataset } = z.looseObject({ dataset: z.unknown() }).catch({ dataset: undefined }).parse(body);
  const choice = jobSpecSchema.shape.dataset.safeParse(dataset);
  return choice.success ? datasets.find(choice.data.name, choice.data.version) : null;
}

/** @throws InvalidInputError with every fault of the spec. */
export async function checkedSpec(body: unknown, datasets: ProjectDatasets): Promise<CheckedSpec> {
  const found = await datasetOf(body, datasets);
  const { spec, model, faults, chosen } = checkSpec(body, () => found);
  if (spec && model && found) return { spec, model, dataset: found, chosen };
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  throw new InvalidInputError(`the spec has ${count}`, faults, 'invalid_spec');
}

/**
 * Cancels a job whose dataset was deleted between its check and its insertion; from then on the job protects it.
 * @throws ConflictError
 */
async function checkStillThere(job: Job, datasets: ProjectDatasets, project: Pick<Project, 'jobs'>): Promise<void> {
  const { dataset, datasetVersion } = job;
  if ((await datasets.find(dataset, datasetVersion)) !== null) return;
  await project.jobs.cancel(job.id);
  throw new ConflictError(`the dataset ${dataset}@${datasetVersion} was just deleted; submit the job with another one`);
}

interface Storing {
  request: FastifyRequest;
  available: ProjectDatasets;
  quotas: Quotas;
  wake(): void;
}

/**
 * Stores a job, if the key's limits allow it, and wakes the dispatcher.
 *
 * @throws LimitError, ConflictError, or TrainyardError for a reused idempotency key
 */
export async function storeJob(
  { request, available, quotas, wake }: Storing,
  { spec, model, dataset }: Pick<CheckedSpec, 'spec' | 'dataset'> & { model: Pick<Model, 'name' | 'parameters'> },
  rest: Pick<Submission, 'idempotency' | 'replayOf' | 'source'>,
): Promise<SubmittedJob> {
  const submission = {
    spec,
    architecture: model.name,
    parameters: model.parameters,
    datasetDigest: dataset.digest,
    apiKeyId: request.caller.id,
    requestId: request.id,
    ...rest,
  };
  const { jobs } = request.project;
  const { job, created } = await quotas.admit(request.caller, {
    work: () => jobs.submit(submission),
    queued: (result) => result.created,
    repeated: () => jobs.submitted(submission),
  });
  request.createdId = job.id;
  if (created) {
    await checkStillThere(job, available, request.project);
    wake();
    request.log.info({ jobId: job.id, architecture: job.architecture }, 'job submitted');
  }
  return { job, created };
}
