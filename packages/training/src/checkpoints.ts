import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Model } from '@trainyard/architectures';
import { type CheckpointContents, readCheckpoint, writeCheckpoint } from '@trainyard/artifacts';
import {
  type CheckpointManifest,
  type EpochMetrics,
  type StagedCheckpoint,
  TrainingFailure,
  type TrainingPosition,
} from '@trainyard/contracts';
import type { NamedTensor } from '@trainyard/formats';
import { type DataType, type Program, type Session, type Slot, slotNames } from '@trainyard/program';
import type { TrainingPlan } from './plan.js';
import type { Mark } from './watch.js';

const { version: codeVersion } = createRequire(import.meta.url)('../package.json') as { version: string };

/** Weights of a model as a checkpoint holds them, in the model's order. */
export type Weights = NamedTensor[];

/** Where a training stands, besides what lies in the executor's slots. */
export interface Standing {
  cursor: TrainingPosition;
  /** The best epoch so far by the checkpoint's metric. */
  best: Mark | null;
  /** The last epoch that improved enough for early stopping. */
  improved: Mark | null;
  /** Seconds that the current epoch's training has taken, in all attempts. */
  trainSeconds: number;
}

/*
 * What goes where. With an average of the weights, weights.bin holds the averages and the raw weights go to the state.
 *   weights.bin        one tensor a weight of the model, under the weight's name
 *   state.safetensors  every other persistent slot of the training program under its own name, and `trainer/standing`
 */
const standingName = 'trainer/standing';

/** The persistent slots of training; the dataset's are written from its file and are no state. */
function stateSlots(program: Program): Slot[] {
  return program.slots.filter((slot) => slot.role === 'persistent' && !slot.name.startsWith('dataset/'));
}

/** The slot whose values a checkpoint shows as the weight: its average where there is one. */
function shownSlot(program: Program, weight: string): string {
  const average = slotNames.ema(weight);
  return program.slots.some((slot) => slot.name === average) ? average : weight;
}

export async function readWeights(session: Session, program: Program, model: Model): Promise<Weights> {
  const weights: Weights = [];
  for (const { name, shape } of model.weights) {
    weights.push({ name, shape, dtype: 'F32', data: await session.read(shownSlot(program, name)) });
  }
  return weights;
}

const tensorTypes = { f32: 'F32', i32: 'I32', u8: 'U8' } as const satisfies Record<DataType, NamedTensor['dtype']>;

async function readState(session: Session, program: Program, model: Model, standing: Standing): Promise<NamedTensor[]> {
  const shown = new Set(model.weights.map((weight) => shownSlot(program, weight.name)));
  const state: NamedTensor[] = [encodeStanding(standing)];
  for (const slot of stateSlots(program)) {
    if (shown.has(slot.name)) continue;
    const data = await session.read(slot.name);
    state.push({ name: slot.name, shape: [...slot.shape], dtype: tensorTypes[slot.dtype], data });
  }
  return state;
}

/** Float64, so that metrics come back to the bit: improved value, improved epoch (0: none), seconds of the epoch. */
function encodeStanding({ improved, trainSeconds }: Standing): NamedTensor {
  const data = new Uint8Array(Float64Array.of(improved?.value ?? 0, improved?.epoch ?? 0, trainSeconds).buffer);
  return { name: standingName, shape: [data.length], dtype: 'U8', data };
}

function decodeStanding(manifest: CheckpointManifest, state: NamedTensor[]): Standing {
  const tensor = find(state, standingName);
  const [value = 0, epoch = 0, trainSeconds = 0] = new Float64Array(Uint8Array.from(tensor.data).buffer);
  const improved = epoch === 0 ? null : { epoch, value };
  return { cursor: manifest.cursor, best: manifest.best, improved, trainSeconds };
}

function find(tensors: NamedTensor[], name: string): NamedTensor {
  const tensor = tensors.find((candidate) => candidate.name === name);
  if (tensor) return tensor;
  throw new TrainingFailure('checkpoint_corrupt', `the checkpoint has no ${name}; it is of another program`);
}

/** A checkpoint in memory: copies, so that training may go on. */
export type Snapshot = CheckpointContents;

export interface SnapshotInput {
  jobId: string;
  attempt: number;
  plan: TrainingPlan;
  session: Session;
  program: Program;
  standing: Standing;
  /** Of the epoch that has just ended; null in the middle of one. */
  metrics: EpochMetrics | null;
  /** What `readWeights` gave. */
  weights: Weights;
}

export async function takeSnapshot(input: SnapshotInput): Promise<Snapshot> {
  const { session, program, plan, standing, weights } = input;
  const state = await readState(session, program, plan.model, standing);
  return { manifest: manifestOf(input), model: plan.model, weights, state };
}

/** Writes a checkpoint into a new folder below the staging folder, named by epoch and step. */
export async function stageSnapshot(stagingFolder: string, snapshot: Snapshot): Promise<StagedCheckpoint> {
  const { epoch, step } = snapshot.manifest.cursor;
  const folder = join(stagingFolder, `${epoch}-${step}`);
  return { folder, manifest: await writeCheckpoint(folder, snapshot) };
}

function manifestOf({ jobId, attempt, plan, standing, metrics }: SnapshotInput): Omit<CheckpointManifest, 'files'> {
  const { name, version, digest, classes, imageShape } = plan.dataset;
  return {
    format: 1,
    jobId,
    attempt,
    cursor: { ...standing.cursor },
    metrics: metrics && {
      trainLoss: metrics.trainLoss,
      trainAccuracy: metrics.trainAccuracy,
      validationLoss: metrics.validationLoss,
      validationAccuracy: metrics.validationAccuracy,
    },
    best: standing.best,
    spec: plan.spec,
    dataset: { name, version, digest, classes },
    inputShape: imageShape,
    normalization: plan.moments,
    codeVersion,
    createdAt: new Date().toISOString(),
  };
}

/** What a checkpoint that training goes on from gives back. */
export interface Resumed {
  standing: Standing;
  /** The best weights so far; null before the first whole epoch. */
  bestWeights: Weights | null;
}

/**
 * Fills the session's slots from a checkpoint folder, so that the next step gives the bits that an uninterrupted run gives.
 * @param bestSoFar folder of the best checkpoint; null where it is `folder` itself, or there is none
 * @throws CorruptCheckpointError; TrainingFailure when the checkpoint is of another dataset or program
 */
export async function resume(
  session: Session,
  program: Program,
  plan: TrainingPlan,
  folder: string,
  bestSoFar: string | null,
): Promise<Resumed> {
  const { manifest, weights, state } = await readCheckpoint(folder);
  if (manifest.dataset.digest !== plan.dataset.digest) {
    throw new TrainingFailure(
      'dataset_changed',
      `the checkpoint was trained on another import of ${plan.dataset.name}`,
    );
  }
  const shown = new Map(plan.model.weights.map(({ name }) => [shownSlot(program, name), name]));
  for (const { name } of stateSlots(program)) {
    const weight = shown.get(name);
    await session.write(name, (weight ? find(weights, weight) : find(state, name)).data);
  }
  const bestWeights = bestSoFar ? (await readCheckpoint(bestSoFar)).weights : weights;
  return { standing: decodeStanding(manifest, state), bestWeights: manifest.best ? bestWeights : null };
}
