import type { Dataset, JobSpec, TrainerMessage, TrainingPosition } from '@trainyard/contracts';
import { type Executor, initialValues, type Program, type Session } from '@trainyard/program';
import { type BatchRun, type LoadedBatches, loadBatches } from './batches.js';
import { resume, type Snapshot, type Standing, type Weights } from './checkpoints.js';
import { loadDataset } from './data.js';
import { type Evaluation, loadEvaluation } from './evaluate.js';
import { planTraining, type TrainingPlan } from './plan.js';
import { trainProgram, validationOf } from './programs.js';
import { Pace, progressOf } from './progress.js';
import type { TrainingSignal } from './signal.js';
import { whiteningValues } from './whitening.js';

export interface TrainOptions {
  jobId: string;
  attempt: number;
  spec: JobSpec;
  dataset: Dataset;
  /** Path of the packed dataset file. */
  datasetFile: string;
  /** Folder of the checkpoint to go on from; null: from the beginning. */
  resumeFrom: string | null;
  /** Folder of the best checkpoint so far where it is not `resumeFrom`; null: none. */
  bestSoFar: string | null;
  /** Checkpoints are written into new folders below this one; who gets the message moves or removes them. */
  stagingFolder: string;
  executor: Executor;
  signal: TrainingSignal;
  /** Called with one message at a time, and waited for. */
  emit: (message: TrainerMessage) => void | Promise<void>;
}

/** A training under way: what was prepared, and where it stands. */
export interface Run {
  readonly options: TrainOptions;
  readonly plan: TrainingPlan;
  readonly session: Session;
  /** The training step; its partial-batch twin has the same persistent slots. */
  readonly program: Program;
  readonly batches: LoadedBatches;
  readonly validation: Evaluation;
  standing: Standing;
  /** A host copy of the weights of `standing.best`. */
  bestWeights: Weights | null;
  /** Cursor of the newest checkpoint that was sent or gone on from; the beginning counts as one. */
  saved: TrainingPosition;
  /** When a checkpoint was last written or tried to, or training began, by performance.now(). */
  savedAt: number;
  /** The checkpoint of the best epoch, where the disk has not taken it yet. */
  unsavedBest: Snapshot | null;
  /** Cursor that this attempt went on from; null: it began at the beginning. */
  readonly resumedFrom: TrainingPosition | null;
  readonly pace: Pace;
  /** Of the last validation; null before the first of this attempt. */
  validationSeconds: number | null;
  /** When progress was last told, by performance.now(). */
  reportedAt: number;
}

const progressMilliseconds = 1000;

/** Opens the data, loads programs and fills every slot: all that comes before the first step. */
export async function prepare(options: TrainOptions, session: Session): Promise<Run> {
  const plan = await planTraining(options.spec, options.dataset, options.datasetFile);
  const build = (batchSize: number) => trainProgram(plan, batchSize);
  const batches = await loadBatches(session, build, plan.imagesPerEpoch, plan.spec.batchSize);
  const validation = await loadEvaluation(session, plan, validationOf(plan), plan.split.validation);
  await loadDataset(session, plan, 'train');
  const program = (batches[0] as BatchRun).program.program;
  const { standing, bestWeights } = await firstSlots(options, plan, session, program);
  return {
    options,
    plan,
    session,
    program,
    batches,
    validation,
    standing,
    bestWeights,
    saved: { ...standing.cursor },
    savedAt: performance.now(),
    unsavedBest: null,
    resumedFrom: options.resumeFrom ? { ...standing.cursor } : null,
    pace: new Pace(),
    validationSeconds: null,
    reportedAt: Number.NEGATIVE_INFINITY,
  };
}

/** Writes the initial values of weights and optimiser, or those of the checkpoint. */
async function firstSlots(
  { resumeFrom, bestSoFar }: TrainOptions,
  plan: TrainingPlan,
  session: Session,
  program: Program,
): Promise<{ standing: Standing; bestWeights: Weights | null }> {
  if (resumeFrom) return resume(session, program, plan, resumeFrom, bestSoFar);
  const first = [...initialValues(program, plan.spec.seed), ...(await whiteningValues(program, plan))];
  for (const [name, values] of first) await session.write(name, values);
  const cursor = { epoch: 0, step: 0, globalStep: 0 };
  return { standing: { cursor, best: null, improved: null, trainSeconds: 0 }, bestWeights: null };
}

/** Tells progress after the first step of the attempt and then about once a second; also the sign of life while evaluating. */
export async function reportProgress(run: Run): Promise<void> {
  const now = performance.now();
  if (now - run.reportedAt < progressMilliseconds) return;
  run.reportedAt = now;
  const { plan, standing, pace, validationSeconds } = run;
  const progress = progressOf({
    epoch: standing.cursor.epoch,
    epochs: plan.spec.epochs,
    step: standing.cursor.step,
    stepsPerEpoch: plan.span.stepsPerEpoch,
    trainImages: plan.imagesPerEpoch,
    validationImages: plan.split.validation.length,
    imagesPerSecond: pace.imagesPerSecond,
    validationSeconds,
  });
  await run.options.emit({ type: 'progress', progress });
}
