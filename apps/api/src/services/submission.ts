import type { Model } from '@trainyard/architectures';
import type { DiskArtifactStore } from '@trainyard/artifacts';
import {
  ConflictError,
  type Dataset,
  type Fault,
  InvalidInputError,
  type Job,
  type JobSpec,
  jobSpecSchema,
} from '@trainyard/contracts';
import type { ProjectDatasets } from '@trainyard/datasets';
import { newId, type Project, type Submission, type SubmittedJob } from '@trainyard/db';
import { checkSpec } from '@trainyard/spec';
import type { Training } from '@trainyard/training';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { InitialSource } from './foundWeights.js';
import { initialSource, keepCopy } from './initialWeights.js';
import type { Quotas } from './quotas.js';
import type { FindUpload } from './uploadedWeights.js';

export interface CheckedSpec extends Training {
  spec: JobSpec;
  dataset: Dataset;
  /** What was chosen for the user, one line each. */
  chosen: string[];
  /** Null: the weights start from the seed. */
  initial: InitialSource | null;
}

/** The dataset that the spec names, or the default one; null if it does not exist or the name itself is invalid. */
async function datasetOf(body: unknown, datasets: ProjectDatasets): Promise<Dataset | null> {
  const { dataset } = z.looseObject({ dataset: z.unknown() }).catch({ dataset: undefined }).parse(body);
  const choice = jobSpecSchema.shape.dataset.safeParse(dataset);
  return choice.success ? datasets.find(choice.data.name, choice.data.version) : null;
}

interface SpecSources {
  datasets: ProjectDatasets;
  project: Pick<Project, 'jobs' | 'checkpoints'>;
  artifacts: Pick<DiskArtifactStore, 'initialKey'>;
  upload: FindUpload;
  /** The job that is trained again: where its own weights are wanted, they are those that it started from. */
  original?: Job;
}

/** @throws InvalidInputError with every fault of the spec. */
export async function checkedSpec(body: unknown, { datasets, ...sources }: SpecSources): Promise<CheckedSpec> {
  const dataset = await datasetOf(body, datasets);
  const { spec, model, faults, chosen } = checkSpec(body, () => dataset);
  if (!spec || !model || !dataset) throw refused(faults);
  if (spec.initialWeights === null) return { spec, model, dataset, chosen, initial: null };
  const initial = await initialSource(sources, spec.initialWeights, { spec, model, dataset });
  if ('faults' in initial) throw refused(initial.faults);
  const { initialWeights, line, ...source } = initial;
  return { spec: { ...spec, initialWeights }, model, dataset, chosen: [...chosen, line], initial: source };
}

function refused(faults: Fault[]): InvalidInputError {
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
  return new InvalidInputError(`the spec has ${count}`, faults, 'invalid_spec');
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
  artifacts: DiskArtifactStore;
  quotas: Quotas;
  wake(): void;
}

type Storable = Pick<CheckedSpec, 'spec' | 'dataset'> & {
  model: Pick<Model, 'name' | 'parameters'>;
  initial?: InitialSource | null;
};

/**
 * Stores a job, if the key's limits allow it, and wakes the dispatcher.
 *
 * @throws LimitError, ConflictError, or TrainyardError for a reused idempotency key
 */
export async function storeJob(
  { request, available, artifacts, quotas, wake }: Storing,
  { spec, model, dataset, initial }: Storable,
  rest: Pick<Submission, 'idempotency' | 'replayOf' | 'source'>,
): Promise<SubmittedJob> {
  const id = newId('job');
  const submission = {
    id,
    ...(initial && { initialWeights: initial.loaded }),
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
    // The copy first: a worker may open the job as soon as it is stored.
    work: async () => {
      if (initial) await keepCopy(artifacts, initial, id);
      const submitted = await jobs.submit(submission);
      if (initial && !submitted.created) await artifacts.removeJob(id);
      return submitted;
    },
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
