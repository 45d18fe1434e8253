import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type CheckpointContents, writeCheckpoint } from '@trainyard/artifacts';
import type { CheckpointManifest, EpochMetrics, StagedCheckpoint } from '@trainyard/contracts';
import type { Program, Session } from '@trainyard/program';
import type { TrainingPlan } from '../plan/trainingPlan.js';
import { readState, type Weights } from './slots.js';
import type { TrainingState } from './trainingState.js';

const { version: codeVersion } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** A checkpoint in memory: copies, so that training may continue. */
export type Snapshot = CheckpointContents;

export interface SnapshotInput {
  jobId: string;
  attempt: number;
  plan: TrainingPlan;
  session: Session;
  program: Program;
  state: TrainingState;
  /** Of the epoch that has just ended; null in the middle of one. */
  metrics: EpochMetrics | null;
  /** From `readWeights`. */
  weights: Weights;
}

export async function takeSnapshot(input: SnapshotInput): Promise<Snapshot> {
  const { session, program, plan, weights } = input;
  const state = await readState(session, program, plan.model);
  return { manifest: manifestOf(input), model: plan.model, weights, state };
}

/** Writes a checkpoint into a new folder below the staging folder, named by epoch and step. */
export async function stageSnapshot(stagingFolder: string, snapshot: Snapshot): Promise<StagedCheckpoint> {
  const { epoch, step } = snapshot.manifest.cursor;
  const folder = join(stagingFolder, `${epoch}-${step}`);
  return { folder, manifest: await writeCheckpoint(folder, snapshot) };
}

function manifestOf({ jobId, attempt, plan, state, metrics }: SnapshotInput): Omit<CheckpointManifest, 'files'> {
  const { name, version, digest, classes, imageShape } = plan.dataset;
  return {
    format: 2,
    jobId,
    attempt,
    cursor: { ...state.position },
    metrics: metrics && {
      trainLoss: metrics.trainLoss,
      trainAccuracy: metrics.trainAccuracy,
      validationLoss: metrics.validationLoss,
      validationAccuracy: metrics.validationAccuracy,
    },
    best: state.best,
    training: { improved: state.improved, trainSeconds: state.trainSeconds },
    spec: plan.spec,
    layers: plan.model.layers.map(({ layer }) => layer),
    dataset: { name, version, digest, classes },
    inputShape: imageShape,
    normalization: plan.moments,
    codeVersion,
    createdAt: new Date().toISOString(),
  };
}
