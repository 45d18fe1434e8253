import type { StopReason, TrainingPosition } from '@trainyard/contracts';
import { initialValues, type Program, type Session } from '@trainyard/program';
import { startingValues } from '../checkpoints/initialWeights.js';
import { resume } from '../checkpoints/resume.js';
import type { Snapshot } from '../checkpoints/snapshot.js';
import { type BestEpoch, startingState, type TrainingState } from '../checkpoints/trainingState.js';
import { type LoadedBatches, loadBatches } from '../data/batches.js';
import { loadDataset } from '../data/loadDataset.js';
import { type Evaluation, loadEvaluation } from '../evaluation/evaluate.js';
import { trainProgram, validationOf } from '../plan/programs.js';
import { requireMemory } from '../plan/requireMemory.js';
import { planTraining, type TrainingPlan } from '../plan/trainingPlan.js';
import { whiteningValues } from '../whitening/whitening.js';
import type { TrainOptions } from './options.js';
import { Pace, progressOf } from './progress.js';

/** A training that is under way: what was prepared, and its state. */
export interface TrainingRun {
  readonly options: TrainOptions;
  readonly plan: TrainingPlan;
  readonly session: Session;
  /** The training step; its variant for the partial batch has the same persistent slots. */
  readonly program: Program;
  readonly batches: LoadedBatches;
  readonly validation: Evaluation;
  state: TrainingState;
  /** Null before the first whole epoch. */
  best: BestEpoch | null;
  /** Position of the newest checkpoint that was sent or resumed from; the beginning counts as one. */
  saved: TrainingPosition;
  /** When a checkpoint was last written or attempted, or training began, by performance.now(). */
  savedAt: number;
  /** The checkpoint of the best epoch while it could not be written to the disk yet. */
  unsavedBest: Snapshot | null;
  /** Position that this attempt resumed from; null: it started from the beginning. */
  readonly resumedFrom: TrainingPosition | null;
  readonly pace: Pace;
  /** Of the last validation; null before the first of this attempt. */
  validationSeconds: number | null;
  /** Why training ends with this epoch, before the last; null: it goes on. */
  stopped: StopReason | null;
  /** When `train` was called, by performance.now(). */
  readonly startedAt: number;
  /** When progress was last emitted, by performance.now(). */
  reportedAt: number;
}

const progressMilliseconds = 1000;

/** Opens the data, loads the programs and fills every slot: everything before the first step. */
export async function prepare(options: TrainOptions, session: Session): Promise<TrainingRun> {
  const startedAt = performance.now();
  const plan = await planTraining(options.spec, options.dataset, options.datasetFile);
  await requireMemory(options.executor, plan, options.memoryBytes);
  const build = (batchSize: number) => trainProgram(plan, batchSize);
  const batches = await loadBatches(session, build, plan.imagesPerEpoch, plan.spec.batchSize);
  const validation = await loadEvaluation(session, plan, validationOf(plan), plan.split.validation);
  await loadDataset(session, plan, 'train');
  const { program } = batches[0].program;
  const { state, best } = await fillSlots(options, plan, session, program);
  return {
    options,
    plan,
    session,
    program,
    batches,
    startedAt,
    stopped: null,
    validation,
    state,
    best,
    saved: { ...state.position },
    savedAt: performance.now(),
    unsavedBest: null,
    resumedFrom: options.resumeFrom ? { ...state.position } : null,
    pace: new Pace(),
    validationSeconds: null,
    reportedAt: Number.NEGATIVE_INFINITY,
  };
}

/** Writes the initial values of weights and optimiser, or those of the checkpoint. */
async function fillSlots(
  { resumeFrom, bestSoFar, initialWeights }: TrainOptions,
  plan: TrainingPlan,
  session: Session,
  program: Program,
): Promise<{ state: TrainingState; best: BestEpoch | null }> {
  if (resumeFrom) return resume(session, program, plan, resumeFrom, bestSoFar);
  const values = new Map([
    ...initialValues(program, plan.spec.seed),
    ...(await whiteningValues(program, plan)),
    ...(initialWeights ? await startingValues(initialWeights, program, plan) : []),
  ]);
  for (const [name, data] of values) await session.write(name, data);
  return { state: startingState(), best: null };
}

/**
 * Emits progress after the first step of the attempt and then about once a second. While evaluating, these messages
 * show that the trainer is alive.
 */
export async function reportProgress(run: TrainingRun): Promise<void> {
  const now = performance.now();
  if (now - run.reportedAt < progressMilliseconds) return;
  run.reportedAt = now;
  const { plan, state, pace, validationSeconds } = run;
  const progress = progressOf({
    epoch: state.position.epoch,
    epochs: plan.spec.epochs,
    step: state.position.step,
    stepsPerEpoch: plan.span.stepsPerEpoch,
    trainImages: plan.imagesPerEpoch,
    validationImages: plan.split.validation.length,
    imagesPerSecond: pace.imagesPerSecond,
    validationSeconds,
  });
  await run.options.emit({ type: 'progress', progress });
}
