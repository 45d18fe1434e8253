import {
  type CheckpointManifest,
  ConflictError,
  type Dataset,
  type Fault,
  InvalidInputError,
  type Job,
  type JobSource,
  type JobSpec,
  type TestBody,
} from '@trainyard/contracts';
import type { ProjectDatasets } from '@trainyard/datasets';
import type { Project } from '@trainyard/db';
import { noSuchDataset } from '@trainyard/spec';
import { findCheckpoint } from './findCheckpoint.js';
import { findJob } from './findJob.js';

/** A test of a checkpoint that can be stored as a job. */
export interface CheckedTest {
  spec: JobSpec;
  dataset: Dataset;
  model: { name: string; parameters: number };
  source: JobSource;
}

/**
 * The test of a job's checkpoint that a user requests.
 * @param ref `best`, `last` or the number of an epoch
 * @throws NotFoundError; ConflictError for a checkpoint within an epoch; InvalidInputError where the set does not fit
 */
export async function checkedTest(
  project: Project,
  datasets: ProjectDatasets,
  { id, ref, body }: { id: string; ref: string; body: TestBody },
): Promise<CheckedTest> {
  const { manifest, checkpoint } = await findCheckpoint(project, id, ref);
  const job = await findJob(project, id);
  const { validationLoss, validationAccuracy, weightsSha256, epoch, step } = checkpoint;
  if (step > 0 || validationLoss === null || validationAccuracy === null)
    throw new ConflictError(
      `the ${ref} checkpoint of job ${id} was written within epoch ${epoch + 1}, so it has no validation figures; ` +
        'test `best`, or an epoch that GET /v1/jobs/{id}/checkpoints lists with step 0',
    );
  const dataset = await datasetOf(datasets, body, manifest);
  const faults = misfits(dataset, manifest);
  if (faults.length > 0)
    throw new InvalidInputError(`the checkpoint of job ${id} cannot be tested on it`, faults, 'invalid_spec');
  return {
    spec: specOf(job, body, dataset),
    dataset,
    model: { name: job.architecture, parameters: job.parameters },
    source: { jobId: id, epoch, weightsSha256, validationLoss, validationAccuracy },
  };
}

async function datasetOf(datasets: ProjectDatasets, body: TestBody, { dataset }: CheckpointManifest): Promise<Dataset> {
  const { name, version } = body.dataset ?? dataset;
  const found = await datasets.find(name, version);
  if (found) return found;
  throw new InvalidInputError('there is no such dataset', [noSuchDataset({ name, version })], 'invalid_spec');
}

/** Everything that would change what is trained stays as it was; the limits of a training have no meaning here. */
function specOf({ spec }: Job, { dataset: _, ...changes }: TestBody, { name, version }: Dataset): JobSpec {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return { ...spec, ...given, dataset: { ...spec.dataset, name, version }, stopAfter: null };
}

/** Why a network that takes and knows what the manifest says cannot classify the test images of a dataset. */
function misfits(dataset: Dataset, { dataset: trained, inputShape }: CheckpointManifest): Fault[] {
  const details: string[] = [];
  const [height, width, channels] = inputShape;
  if (String(dataset.imageShape) !== String(inputShape))
    details.push(
      `must have images of ${shape(inputShape)} pixels, as the checkpoint takes; ${named(dataset)} has ` +
        `${shape(dataset.imageShape)}: import it with --size ${width}x${height} and --channels ${channels}`,
    );
  if (JSON.stringify(dataset.classes) !== JSON.stringify(trained.classes))
    details.push(
      `must have the classes of ${named(trained)}, on which the checkpoint was trained, in their order ` +
        `(${list(trained.classes)}); ${named(dataset)} has ${list(dataset.classes)}`,
    );
  if (dataset.testImages === 0) details.push(`must have a test split; ${named(dataset)} has none`);
  return details.map((detail) => ({ pointer: '/dataset', detail }));
}

const named = ({ name, version }: Pick<Dataset, 'name' | 'version'>): string => `${name}@${version}`;
const shape = ([height, width, channels]: Dataset['imageShape']): string => `${width}x${height}x${channels}`;
const list = (classes: readonly string[]): string => {
  const text = classes.join(', ');
  return text.length > 500 ? `${text.slice(0, 499)}…` : text;
};
