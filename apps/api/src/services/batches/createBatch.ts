import {
  type BatchPrediction,
  type BatchSource,
  type Fault,
  InvalidInputError,
  type NewBatchPrediction,
} from '@trainyard/contracts';
import type { ProjectDatasets } from '@trainyard/datasets';
import type { Project, StoredCheckpoint } from '@trainyard/db';
import type { FastifyRequest } from 'fastify';
import { findBestJob } from '../bestJob.js';
import { aliasedCheckpoint } from '../findAlias.js';
import { findCheckpoint } from '../findCheckpoint.js';
import { openDataset } from '../openDataset.js';
import { modelOf } from '../predict/predictedModel.js';
import type { Quotas } from '../quotas.js';
import type { Uploads } from '../uploads.js';

interface Services {
  uploads: Pick<Uploads, 'complete'>;
  datasets: ProjectDatasets;
  quotas: Quotas;
}

/**
 * Stores a prediction of many images, which an API process begins within a second. What it is asked for is fixed now: a
 * job that trains on, or an alias that moves, does not change it.
 * @throws InvalidInputError, NotFoundError, ConflictError, LimitError
 */
export async function createBatch(
  { caller, project, log }: Pick<FastifyRequest, 'caller' | 'project' | 'log'>,
  { uploads, datasets, quotas }: Services,
  body: NewBatchPrediction,
): Promise<BatchPrediction> {
  checkChoices(body);
  const found = await checkpointOf(project, body);
  const source = await sourceOf(caller.project, { uploads, datasets }, body);
  const created = await quotas.admit(caller, {
    work: () =>
      project.batches.create({ model: modelOf(found), checkpointKey: found.key, source, apiKeyId: caller.id }),
    queued: () => true,
    repeated: async () => null,
  });
  log.info({ predictionId: created.id, source: source.kind }, 'prediction submitted');
  return created;
}

function checkChoices(body: NewBatchPrediction): void {
  const { jobId, experiment, dataset, uploadId } = body;
  const faults: Fault[] = [];
  if ((jobId === undefined) === (experiment === undefined))
    faults.push({ pointer: '', detail: 'must have jobId or experiment, one of them' });
  if ((dataset === undefined) === (uploadId === undefined))
    faults.push({ pointer: '', detail: 'must have dataset or uploadId, one of them' });
  for (const [field, of] of [
    ['checkpoint', 'jobId'],
    ['alias', 'experiment'],
    ['version', 'dataset'],
    ['split', 'dataset'],
  ] as const) {
    if (body[field] !== undefined && body[of] === undefined)
      faults.push({ pointer: `/${field}`, detail: `is only for a body with ${of}; leave it out` });
  }
  if (faults.length > 0) throw new InvalidInputError('the body is not valid', faults);
}

async function checkpointOf(
  project: Project,
  { jobId, checkpoint = 'best', experiment = '', alias }: NewBatchPrediction,
): Promise<StoredCheckpoint> {
  if (jobId !== undefined) return findCheckpoint(project, jobId, checkpoint);
  if (alias === undefined) return findCheckpoint(project, await findBestJob(project, experiment), 'best');
  const aliased = await aliasedCheckpoint(project, experiment, alias);
  return findCheckpoint(project, aliased.jobId, String(aliased.epoch));
}

async function sourceOf(
  project: string,
  { uploads, datasets }: Pick<Services, 'uploads' | 'datasets'>,
  { dataset, version, split = 'test', uploadId = '' }: NewBatchPrediction,
): Promise<BatchSource> {
  if (dataset === undefined)
    return { kind: 'upload', uploadId, name: (await uploads.complete(project, uploadId)).name };
  const { dataset: found } = await openDataset(datasets, dataset, version);
  const images = { train: found.trainImages, validation: found.validationImages, test: found.testImages, all: 1 };
  if (images[split] === 0) {
    const detail = `${found.name}@${found.version} has no ${split} images; choose another split`;
    throw new InvalidInputError('the body is not valid', [{ pointer: '/split', detail }]);
  }
  return { kind: 'dataset', name: found.name, version: found.version, split };
}
