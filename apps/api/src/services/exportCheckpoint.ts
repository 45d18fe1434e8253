import { CorruptCheckpointError, type DiskArtifactStore, type ExportedFile } from '@trainyard/artifacts';
import { type Checkpoint, type ExportChoice, TrainyardError } from '@trainyard/contracts';
import type { ProjectDatasets } from '@trainyard/datasets';
import type { Project, StoredCheckpoint } from '@trainyard/db';
import { modelCard } from '@trainyard/formats';
import { findCheckpoint } from './findCheckpoint.js';

type ExportProject = Pick<Project, 'jobs' | 'checkpoints' | 'verifications' | 'results' | 'metrics'>;

/** Formats that contain the model's card. */
const withCard: ReadonlySet<ExportChoice['format']> = new Set(['tfjs', 'torch', 'card']);

/**
 * A checkpoint of a job as one file, and whether another program has verified exactly these bytes.
 * @param ref `best`, `last` or the number of an epoch
 * @throws NotFoundError; TrainyardError where the checkpoint is damaged, with an intact one to use instead
 */
export async function exportCheckpoint(
  project: ExportProject,
  { artifacts, datasets }: { artifacts: DiskArtifactStore; datasets: ProjectDatasets },
  { id, ref, choice }: { id: string; ref: string; choice: ExportChoice },
): Promise<ExportedFile & { verified: boolean }> {
  const found = await findCheckpoint(project, id, ref);
  const { key, checkpoint } = found;
  try {
    const card = withCard.has(choice.format) ? await cardOf(project, datasets, found) : undefined;
    const file = await artifacts.exportFile(key, choice, card);
    const verification = await project.verifications.find(id, checkpoint.epoch, choice);
    const verified = verification?.state === 'verified' && verification.sha256 === file.sha256 && checkpoint.step === 0;
    return { ...file, verified };
  } catch (error) {
    if (error instanceof CorruptCheckpointError) throw await withRemedy(project, artifacts, { id, key }, error);
    throw error;
  }
}

/** The text of a checkpoint's card: its data, spec, results and curve. */
async function cardOf(
  project: ExportProject,
  datasets: ProjectDatasets,
  { manifest, checkpoint: { epoch, step } }: StoredCheckpoint,
): Promise<string> {
  const { jobId, dataset } = manifest;
  const [stored, results, epochs] = await Promise.all([
    datasets.find(dataset.name, dataset.version),
    project.results.find(jobId),
    project.metrics.list(jobId),
  ]);
  return modelCard({
    manifest,
    dataset: stored?.digest === dataset.digest ? stored : null,
    epochs: epochs.filter((one) => one.epoch <= epoch),
    results: results?.epoch === epoch && step === 0 ? results : null,
  });
}

/** The error of a damaged checkpoint, with the newest intact checkpoint of the job. */
export async function withRemedy(
  project: Pick<Project, 'checkpoints'>,
  artifacts: DiskArtifactStore,
  damaged: { id: string; key: string },
  error: CorruptCheckpointError,
): Promise<TrainyardError> {
  const others = (await project.checkpoints.list(damaged.id)).toReversed();
  for (const checkpoint of others) {
    const ref = refOf(checkpoint);
    const stored = ref && (await project.checkpoints.find(damaged.id, ref));
    if (!stored || stored.key === damaged.key || !(await isIntact(artifacts, stored.key))) continue;
    const { epoch, step } = checkpoint;
    const after = step === 0 ? `epoch ${epoch}` : `step ${step} of epoch ${epoch + 1}`;
    return new TrainyardError(
      'internal',
      `${error.message}; use the checkpoint ${ref} (after ${after}), which is intact`,
    );
  }
  return new TrainyardError('internal', `${error.message}; the job has no other checkpoint that is intact`);
}

/** Null for a checkpoint within an epoch that is not the last: it has no URL. */
function refOf({ step, epoch, last }: Checkpoint): 'last' | number | null {
  if (last) return 'last';
  return step === 0 ? epoch : null;
}

const isIntact = (artifacts: DiskArtifactStore, key: string): Promise<boolean> =>
  artifacts.checkCheckpoint(key).then(
    () => true,
    () => false,
  );
