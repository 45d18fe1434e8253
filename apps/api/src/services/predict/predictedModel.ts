import type { PredictedModel } from '@trainyard/contracts';
import type { StoredCheckpoint } from '@trainyard/db';

/** The network of a checkpoint, as answers name it. */
export function modelOf({ manifest, checkpoint }: StoredCheckpoint): PredictedModel {
  const { architecture } = manifest.spec;
  return {
    jobId: manifest.jobId,
    epoch: checkpoint.epoch,
    step: checkpoint.step,
    architecture: typeof architecture === 'string' ? architecture : 'custom',
    weightsSha256: checkpoint.weightsSha256,
  };
}
