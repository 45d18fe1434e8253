import { CorruptCheckpointError, readCheckpoint } from '@trainyard/artifacts';
import { type CheckpointManifest, TrainingFailure } from '@trainyard/contracts';
import type { NamedTensor } from '@trainyard/formats';
import type { Program, Session } from '@trainyard/program';
import type { TrainingPlan } from '../plan/trainingPlan.js';
import { savedSlot, stateSlots } from './slots.js';
import type { BestEpoch, TrainingState } from './trainingState.js';

/**
 * Fills the session's slots from a checkpoint folder, so that the next step gives the same bits as in an uninterrupted
 * run.
 * @param bestSoFar folder of the best checkpoint; null where it is `folder` itself, or there is none
 * @returns the state of the training, and the best weights so far: null before the first whole epoch
 * @throws CorruptCheckpointError; TrainingFailure when the checkpoint is of another dataset or program
 */
export async function resume(
  session: Session,
  program: Program,
  plan: TrainingPlan,
  folder: string,
  bestSoFar: string | null,
): Promise<{ state: TrainingState; best: BestEpoch | null }> {
  const { manifest, weights, state } = await readCheckpoint(folder);
  if (manifest.dataset.digest !== plan.dataset.digest) {
    throw new TrainingFailure(
      'dataset_changed',
      `the checkpoint was trained on another import of ${plan.dataset.name}`,
    );
  }
  // Older checkpoints with averages have the running statistics, which were not averaged then, among the weights alone.
  const fixed = new Set(plan.model.weights.filter(({ trainable }) => !trainable).map(({ name }) => name));
  const rest = [...state, ...weights.filter(({ name }) => fixed.has(name))];
  const savedWeights = new Map(plan.model.weights.map(({ name }) => [savedSlot(program, name), name]));
  for (const { name } of stateSlots(program)) {
    const weight = savedWeights.get(name);
    await session.write(name, (weight ? find(weights, weight) : find(rest, name)).data);
  }
  const bestWeights = bestSoFar ? (await readCheckpoint(bestSoFar)).weights : weights;
  return {
    state: stateOf(manifest, folder, state),
    best: manifest.best && { epoch: manifest.best.epoch, weights: bestWeights },
  };
}

function stateOf(manifest: CheckpointManifest, folder: string, state: NamedTensor[]): TrainingState {
  const training = manifest.format === 1 ? trainingOfFormat1(state) : manifest.training;
  if (training === undefined) throw new CorruptCheckpointError(folder, 'its manifest has no training state');
  return { position: manifest.cursor, best: manifest.best, ...training };
}

/**
 * Format 1 has three float64 numbers as the bytes of the U8 tensor `trainer/standing`: the improved value, its epoch
 * (0: none), and the seconds of the epoch. It stays readable, so that jobs that were paused before an upgrade can
 * resume.
 */
function trainingOfFormat1(state: NamedTensor[]): Required<CheckpointManifest>['training'] {
  const { data } = find(state, 'trainer/standing');
  const [value = 0, epoch = 0, trainSeconds = 0] = new Float64Array(Uint8Array.from(data).buffer);
  return { improved: epoch === 0 ? null : { epoch, value }, trainSeconds };
}

function find(tensors: NamedTensor[], name: string): NamedTensor {
  const tensor = tensors.find((candidate) => candidate.name === name);
  if (tensor) return tensor;
  throw new TrainingFailure('checkpoint_corrupt', `the checkpoint has no ${name}; it is of another program`);
}
