import { setTimeout as sleep } from 'node:timers/promises';
import { type EpochMetrics, type StagedCheckpoint, TrainingFailure } from '@trainyard/contracts';
import { readFiniteWeights } from '../loop/divergence.js';
import { isDiskError } from '../loop/failures.js';
import { reportProgress, type TrainingRun } from '../loop/trainingRun.js';
import type { Weights } from './slots.js';
import { type Snapshot, stageSnapshot, takeSnapshot } from './snapshot.js';

/*
 * When checkpoints are written within an epoch, and what happens when one cannot be written to the disk: the run emits
 * a warning and continues to train, as the checkpoint before stays valid. Only the best epoch's checkpoint is kept in
 * memory then, and it is written before any newer one. So for every checkpoint on the disk, the best weights that its
 * manifest refers to are on the disk too.
 */

/** Steps until `everySteps` makes a checkpoint due; infinite where the spec does not set it. */
export function stepsToCheckpoint({ plan }: TrainingRun, globalStep: number): number {
  const { everySteps } = plan.spec.checkpoint;
  return everySteps === null ? Number.POSITIVE_INFINITY : everySteps - (globalStep % everySteps);
}

/** Writes a checkpoint within the epoch where one is due. It only reads slots, so no bit depends on the clock. */
export async function saveWithinEpoch(run: TrainingRun): Promise<void> {
  if (!isDueWithinEpoch(run) || run.options.signal.requested) return;
  const checkpoint = await save(run, null, await readFiniteWeights(run));
  if (checkpoint) await run.options.emit({ type: 'checkpoint', checkpoint });
}

function isDueWithinEpoch({ plan, state, savedAt }: TrainingRun): boolean {
  const { everySteps, everySeconds } = plan.spec.checkpoint;
  const { step, globalStep } = state.position;
  // The epoch ends after this step, and writes its own.
  if (step === plan.span.stepsPerEpoch) return false;
  if (everySteps !== null && globalStep % everySteps === 0) return true;
  return everySeconds !== null && performance.now() - savedAt >= everySeconds * 1000;
}

/**
 * Writes a checkpoint of the run's current state.
 * @param metrics of the epoch that has just ended; null in the middle of one
 * @returns null where it could not be written; then a warning was emitted
 */
export async function save(
  run: TrainingRun,
  metrics: EpochMetrics | null,
  weights: Weights,
): Promise<StagedCheckpoint | null> {
  run.savedAt = performance.now();
  if (metrics?.best) run.unsavedBest = null;
  if (!(await saveUnsavedBest(run))) return null;
  const { options, plan, session, program, state } = run;
  const { jobId, attempt } = options;
  const snapshot = await takeSnapshot({ jobId, attempt, plan, session, program, state, metrics, weights });
  const staged = await stage(run, snapshot);
  if (!staged && metrics?.best) run.unsavedBest = snapshot;
  return staged;
}

/** @returns whether the best epoch's checkpoint is on the disk, or was just written. */
async function saveUnsavedBest(run: TrainingRun): Promise<boolean> {
  if (!run.unsavedBest) return true;
  const checkpoint = await stage(run, run.unsavedBest);
  if (!checkpoint) return false;
  run.unsavedBest = null;
  await run.options.emit({ type: 'checkpoint', checkpoint });
  return true;
}

async function stage(run: TrainingRun, snapshot: Snapshot): Promise<StagedCheckpoint | null> {
  try {
    const staged = await stageSnapshot(run.options.stagingFolder, snapshot);
    run.saved = { ...staged.manifest.cursor };
    return staged;
  } catch (error) {
    if (!isDiskError(error)) throw error;
    const { epoch, step } = snapshot.manifest.cursor;
    const problem = `the checkpoint after epoch ${epoch}, step ${step} could not be written: ${error.message}`;
    const message = `${problem}; training continues, and the checkpoint before it is kept`;
    await run.options.emit({ type: 'warning', code: 'checkpoint_unwritten', message });
    return null;
  }
}

const maxRetries = 12;
const retryPauseMs = 5000;

/**
 * Waits until the best weights are on the disk: a run cannot end before.
 * @throws TrainingFailure when they still cannot be written after a minute; Interrupted
 */
export async function requireSavedBest(run: TrainingRun): Promise<void> {
  for (let tried = 0; !(await saveUnsavedBest(run)); tried += 1) {
    if (tried === maxRetries) {
      const message =
        'the best checkpoint could not be written; free space where artifacts are kept, and retry the job';
      throw new TrainingFailure('checkpoint_unwritten', message);
    }
    const { signal } = run.options;
    await sleep(retryPauseMs, undefined, { signal: signal.abortSignal }).catch(() => {});
    signal.throwIfRequested();
    await reportProgress(run);
  }
}
