import { type Model, resolveModel } from '@trainyard/architectures';
import type { DiskArtifactStore } from '@trainyard/artifacts';
import {
  type CheckpointManifest,
  ConflictError,
  completeJobSpecSchema,
  type Dataset,
  type Fault,
  type InitialWeights,
  type Job,
  type JobSpec,
  type LoadedWeights,
} from '@trainyard/contracts';
import type { Project } from '@trainyard/db';
import { fitWeights } from '@trainyard/spec';
import type { FoundWeights, InitialSource } from './foundWeights.js';
import { type FindUpload, uploadedWeights } from './uploadedWeights.js';

interface Sources {
  project: Pick<Project, 'jobs' | 'checkpoints'>;
  artifacts: Pick<DiskArtifactStore, 'initialKey'>;
  upload: FindUpload;
  original?: Job;
}

/** With a line that says what was chosen for the user. */
type Found = FoundWeights & { line: string };

/**
 * Finds the weights that a spec wants to start from, and which of them fit the network: all faults are listed.
 *
 * A replay starts from the copy that its original has, so it needs neither the checkpoint nor its job.
 */
export async function initialSource(
  sources: Sources,
  wanted: InitialWeights,
  { spec, model, dataset }: { spec: JobSpec; model: Model; dataset: Dataset },
): Promise<Found | { faults: Fault[] }> {
  const { artifacts, upload, original } = sources;
  if (original?.initialWeights && isUnchanged(original, spec, dataset)) {
    const loaded = original.initialWeights;
    const from = { key: artifacts.initialKey(original.id) };
    return { loaded, from, initialWeights: wanted, line: lineOf(loaded) };
  }
  const found =
    wanted.upload === null
      ? await ofCheckpoint(sources, { ...wanted, job: wanted.job ?? '' }, { model, dataset })
      : await uploadedWeights(upload, { ...wanted, upload: wanted.upload }, model);
  return 'faults' in found ? found : { ...found, line: lineOf(found.loaded) };
}

type OfJob = InitialWeights & { job: string };

async function ofCheckpoint(
  { project }: Sources,
  wanted: OfJob,
  { model, dataset }: { model: Model; dataset: Dataset },
): Promise<FoundWeights | { faults: Fault[] }> {
  const ref = wanted.checkpoint ?? 'best';
  const found = await project.checkpoints.find(wanted.job, ref);
  if (!found) return { faults: [await missing(project, wanted.job, ref)] };
  const { checkpoint, manifest, key } = found;
  const { epoch, step, weightsSha256 } = checkpoint;
  if (step > 0) return { faults: [withinEpoch(wanted.job, ref, epoch)] };
  const newHead = wanted.newHead ?? JSON.stringify(manifest.dataset.classes) !== JSON.stringify(dataset.classes);
  const weights = weightsOf(manifest);
  const { fromSeed, faults } = fitWeights(model, { weights, named: 'the checkpoint', newHead });
  if (faults.length > 0) return { faults };
  const loaded = { jobId: wanted.job, epoch, upload: null, file: null, weightsSha256, fromSeed };
  return { loaded, from: { key }, initialWeights: { ...wanted, checkpoint: epoch, newHead } };
}

/**
 * The new job's own copy, which stays when the checkpoint is deleted.
 * @throws ConflictError for files that are gone, e.g. because a newer checkpoint has just replaced this one
 */
export async function keepCopy(artifacts: DiskArtifactStore, { loaded, from }: InitialSource, id: string) {
  try {
    if ('key' in from) await artifacts.keepInitialWeights(from.key, id);
    else await artifacts.keepUploadedWeights(from.file, id);
  } catch (error) {
    await artifacts.removeJob(id);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new ConflictError(`the weights of ${sourceOf(loaded)} are gone; start from others`);
  }
}

/** Whether a replay starts from the same weights with the same network. */
function isUnchanged(original: Job, spec: JobSpec, dataset: Dataset): boolean {
  const settings = ({ initialWeights, architecture }: JobSpec) => JSON.stringify([initialWeights, architecture]);
  // JSONB has keys in an order of its own, so both specs are parsed.
  const [before, after] = [original.spec, spec].map((each) => settings(completeJobSpecSchema.parse(each)));
  return before === after && dataset.digest === original.datasetDigest;
}

const sourceOf = ({ jobId, epoch, file }: LoadedWeights): string =>
  jobId === null ? String(file) : `epoch ${epoch} of ${jobId}`;

const lineOf = (loaded: LoadedWeights): string => {
  const { fromSeed } = loaded;
  const head = fromSeed.length === 0 ? '' : `; ${fromSeed.join(', ')} from the seed`;
  return `weights start from ${sourceOf(loaded)}${head}`;
};

/** Names and shapes; the network of a checkpoint follows from its manifest. */
function weightsOf({ spec, inputShape, dataset }: CheckpointManifest): Model['weights'] {
  const { model } = resolveModel(spec.architecture, inputShape, dataset.classes.length);
  if (!model) throw new Error('the network of a checkpoint does not fit its own dataset');
  return model.weights;
}

type Ref = NonNullable<InitialWeights['checkpoint']>;

async function missing({ jobs, checkpoints }: Sources['project'], job: string, ref: Ref): Promise<Fault> {
  if (!(await jobs.find(job)))
    return { pointer: '/initialWeights/job', detail: `this project has no job ${job}; GET /v1/jobs lists its jobs` };
  const epochs = (await checkpoints.list(job)).filter(({ step }) => step === 0).map(({ epoch }) => epoch);
  const has = epochs.length === 0 ? 'it has none of a whole epoch' : `it has those of the epochs ${epochs.join(', ')}`;
  const which = typeof ref === 'number' ? `checkpoint of epoch ${ref}` : `${ref} checkpoint`;
  return { pointer: '/initialWeights/checkpoint', detail: `job ${job} has no ${which}; ${has}` };
}

const withinEpoch = (job: string, ref: Ref, epoch: number): Fault => ({
  pointer: '/initialWeights/checkpoint',
  detail:
    `the ${ref} checkpoint of job ${job} was written within epoch ${epoch + 1}; use "best", or an epoch that ` +
    'GET /v1/jobs/{id}/checkpoints lists with step 0',
});
