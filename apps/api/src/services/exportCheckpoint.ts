import { CorruptCheckpointError, type DiskArtifactStore, type ExportedFile } from '@trainyard/artifacts';
import { type Checkpoint, type ExportChoice, TrainyardError } from '@trainyard/contracts';
import type { Project } from '@trainyard/db';
import { findCheckpoint } from './findCheckpoint.js';

/**
 * A checkpoint of a job as one file, and whether another program has verified exactly these bytes.
 * @param ref `best`, `last` or the number of an epoch
 * @throws NotFoundError; TrainyardError where the checkpoint is damaged, with an intact one to use instead
 */
export async function exportCheckpoint(
  project: Pick<Project, 'jobs' | 'checkpoints' | 'verifications'>,
  artifacts: DiskArtifactStore,
  { id, ref, choice }: { id: string; ref: string; choice: ExportChoice },
): Promise<ExportedFile & { verified: boolean }> {
  const { key, checkpoint } = await findCheckpoint(project, id, ref);
  try {
    const file = await artifacts.exportFile(key, choice);
    const verification = await project.verifications.find(id, checkpoint.epoch, choice);
    const verified = verification?.state === 'verified' && verification.sha256 === file.sha256 && checkpoint.step === 0;
    return { ...file, verified };
  } catch (error) {
    if (error instanceof CorruptCheckpointError) throw await withRemedy(project, artifacts, { id, key }, error);
    throw error;
  }
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
