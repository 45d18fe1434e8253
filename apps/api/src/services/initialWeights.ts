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
import type { Project, StoredCheckpoint } from '@trainyard/db';
import { fitWeights } from '@trainyard/spec';

/** Weights that a new job starts from. */
export interface InitialSource {
  loaded: LoadedWeights;
  /** Of the files in the artifact store. */
  key: string;
}

interface Sources {
  project: Pick<Project, 'jobs' | 'checkpoints'>;
  artifacts: Pick<DiskArtifactStore, 'initialKey'>;
  original?: Job;
}

type Found = InitialSource & {
  /** As the spec stores them: with the epoch, and whether the head is new. */
  initialWeights: InitialWeights;
  /** What was chosen for the user. */
  line: string;
};

/**
 * Finds the weights that a spec wants to start from, and which of them fit the network: all faults are listed.
 *
 * A replay starts from the copy that its original has, so it needs neither the checkpoint nor its job.
 */
export async function initialSource(
  { project, artifacts, original }: Sources,
  wanted: InitialWeights,
  { spec, model, dataset }: { spec: JobSpec; model: Model; dataset: Dataset },
): Promise<Found | { faults: Fault[] }> {
  if (original?.initialWeights && isUnchanged(original, spec, dataset)) {
    const loaded = original.initialWeights;
    return { loaded, key: artifacts.initialKey(original.id), initialWeights: wanted, line: lineOf(loaded) };
  }
  const found = await project.checkpoints.find(wanted.job, wanted.checkpoint);
  if (!found) return { faults: [await missing(project, wanted)] };
  const { checkpoint, manifest, key } = found;
  if (checkpoint.step > 0) return { faults: [withinEpoch(wanted, checkpoint)] };
  const newHead = wanted.newHead ?? JSON.stringify(manifest.dataset.classes) !== JSON.stringify(dataset.classes);
  const weights = weightsOf(manifest);
  const { fromSeed, faults } = fitWeights(model, { weights, named: 'the checkpoint', newHead });
  if (faults.length > 0) return { faults };
  const { epoch, weightsSha256 } = checkpoint;
  const loaded = { jobId: wanted.job, epoch, weightsSha256, fromSeed };
  const initialWeights = { ...wanted, checkpoint: epoch, newHead };
  return { loaded, key, initialWeights, line: lineOf(loaded) };
}

/**
 * The new job's own copy, which stays when the checkpoint is deleted.
 * @throws ConflictError for files that are gone, e.g. because a newer checkpoint has just replaced this one
 */
export async function keepCopy(artifacts: DiskArtifactStore, { loaded, key }: InitialSource, id: string) {
  try {
    await artifacts.keepInitialWeights(key, id);
  } catch (error) {
    await artifacts.removeJob(id);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new ConflictError(
      `the files of the checkpoint of epoch ${loaded.epoch} of ${loaded.jobId} are gone; start from another one`,
    );
  }
}

/** Whether a replay starts from the same weights with the same network. */
function isUnchanged(original: Job, spec: JobSpec, dataset: Dataset): boolean {
  const settings = ({ initialWeights, architecture }: JobSpec) => JSON.stringify([initialWeights, architecture]);
  // JSONB has keys in an order of its own, so both specs are parsed.
  const [before, after] = [original.spec, spec].map((each) => settings(completeJobSpecSchema.parse(each)));
  return before === after && dataset.digest === original.datasetDigest;
}

const lineOf = ({ jobId, epoch, fromSeed }: LoadedWeights): string => {
  const head = fromSeed.length === 0 ? '' : `; ${fromSeed.join(', ')} from the seed`;
  return `weights start from epoch ${epoch} of ${jobId}${head}`;
};

/** Names and shapes; the network of a checkpoint follows from its manifest. */
function weightsOf({ spec, inputShape, dataset }: CheckpointManifest): Model['weights'] {
  const { model } = resolveModel(spec.architecture, inputShape, dataset.classes.length);
  if (!model) throw new Error('the network of a checkpoint does not fit its own dataset');
  return model.weights;
}

async function missing({ jobs, checkpoints }: Sources['project'], { job, checkpoint }: InitialWeights): Promise<Fault> {
  if (!(await jobs.find(job)))
    return { pointer: '/initialWeights/job', detail: `this project has no job ${job}; GET /v1/jobs lists its jobs` };
  const epochs = (await checkpoints.list(job)).filter(({ step }) => step === 0).map(({ epoch }) => epoch);
  const has = epochs.length === 0 ? 'it has none of a whole epoch' : `it has those of the epochs ${epochs.join(', ')}`;
  const which = typeof checkpoint === 'number' ? `checkpoint of epoch ${checkpoint}` : `${checkpoint} checkpoint`;
  return { pointer: '/initialWeights/checkpoint', detail: `job ${job} has no ${which}; ${has}` };
}

const withinEpoch = ({ job, checkpoint }: InitialWeights, { epoch }: StoredCheckpoint['checkpoint']): Fault => ({
  pointer: '/initialWeights/checkpoint',
  detail:
    `the ${checkpoint} checkpoint of job ${job} was written within epoch ${epoch + 1}; use "best", or an epoch that ` +
    'GET /v1/jobs/{id}/checkpoints lists with step 0',
});
