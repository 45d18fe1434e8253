import { setTimeout as sleep } from 'node:timers/promises';
import { type EpochMetrics, type StagedCheckpoint, TrainingFailure } from '@trainyard/contracts';
import { readWeights, type Snapshot, stageSnapshot, takeSnapshot, type Weights } from './checkpoints.js';
import { isDiskError } from './failures.js';
import { type Run, reportProgress } from './run.js';

/**
 * When checkpoints are written besides those of whole epochs, and what becomes of one that the disk does not take: the run
 * says so and trains on, as the checkpoint before still stands. Only the best epoch's is held in memory and comes before
 * any newer one; so whatever checkpoint there is, the best weights that it speaks of are on the disk too.
 */

/** Steps until a checkpoint is due by their number. */
export function stepsToCheckpoint({ plan }: Run, globalStep: number): number {
  const { everySteps } = plan.spec.checkpoint;
  return everySteps === null ? Number.POSITIVE_INFINITY : everySteps - (globalStep % everySteps);
}

/** Writes a checkpoint within the epoch where one is due. It reads slots and changes none, so no bit depends on the clock. */
export async function saveWithinEpoch(run: Run): Promise<void> {
  if (!isDueWithinEpoch(run) || run.options.signal.requested) return;
  const { options, plan, session, program } = run;
  const checkpoint = await save(run, null, await readWeights(session, program, plan.model));
  if (checkpoint) await options.emit({ type: 'checkpoint', checkpoint });
}

function isDueWithinEpoch({ plan, standing, savedAt }: Run): boolean {
  const { everySteps, everySeconds } = plan.spec.checkpoint;
  const { step, globalStep } = standing.cursor;
  // The end of the epoch is at hand, and brings its own.
  if (step === plan.span.stepsPerEpoch) return false;
  if (everySteps !== null && globalStep % everySteps === 0) return true;
  return everySeconds !== null && performance.now() - savedAt >= everySeconds * 1000;
}

/**
 * Writes a checkpoint of where the run stands.
 * @param metrics of the epoch that has just ended; null in the middle of one
 * @returns null where the disk did not take it; a warning has told so
 */
export async function save(run: Run, metrics: EpochMetrics | null, weights: Weights): Promise<StagedCheckpoint | null> {
  run.savedAt = performance.now();
  if (metrics?.best) run.unsavedBest = null;
  if (!(await saveUnsavedBest(run))) return null;
  const { options, plan, session, program, standing } = run;
  const { jobId, attempt } = options;
  const snapshot = await takeSnapshot({ jobId, attempt, plan, session, program, standing, metrics, weights });
  const staged = await stage(run, snapshot);
  if (!staged && metrics?.best) run.unsavedBest = snapshot;
  return staged;
}

/** Whether no best epoch waits for its checkpoint (any more). */
async function saveUnsavedBest(run: Run): Promise<boolean> {
  if (!run.unsavedBest) return true;
  const checkpoint = await stage(run, run.unsavedBest);
  if (!checkpoint) return false;
  run.unsavedBest = null;
  await run.options.emit({ type: 'checkpoint', checkpoint });
  return true;
}

async function stage(run: Run, snapshot: Snapshot): Promise<StagedCheckpoint | null> {
  try {
    const staged = await stageSnapshot(run.options.stagingFolder, snapshot);
    run.saved = { ...staged.manifest.cursor };
    return staged;
  } catch (error) {
    if (!isDiskError(error)) throw error;
    const { epoch, step } = snapshot.manifest.cursor;
    const message = `the checkpoint after epoch ${epoch}, step ${step} could not be written: ${error.message}; training goes on, and the checkpoint before it stays`;
    await run.options.emit({ type: 'warning', code: 'checkpoint_unwritten', message });
    return null;
  }
}

const lastTries = 12;
const betweenTriesMs = 5000;

/**
 * A run whose best weights are on no disk is not over.
 * @throws TrainingFailure where they can still not be written after a minute; Interrupted
 */
export async function requireSavedBest(run: Run): Promise<void> {
  for (let tried = 0; !(await saveUnsavedBest(run)); tried += 1) {
    if (tried === lastTries) {
      const message =
        'the best checkpoint could not be written; free space where artifacts are kept, and retry the job';
      throw new TrainingFailure('checkpoint_unwritten', message);
    }
    const { signal } = run.options;
    await sleep(betweenTriesMs, undefined, { signal: signal.abortSignal }).catch(() => {});
    signal.throwIfRequested();
    await reportProgress(run);
  }
}
