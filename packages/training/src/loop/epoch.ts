import type { EpochMetrics, StopReason } from '@trainyard/contracts';
import { slotNames } from '@trainyard/program';
import { save, saveWithinEpoch, stepsToCheckpoint } from '../checkpoints/saving.js';
import type { BatchRun } from '../data/batches.js';
import { epochOrder, trainFeeds } from '../data/feeds.js';
import { evaluate, type Scores, scoresOf } from '../evaluation/evaluate.js';
import { scheduleFactor } from '../plan/schedule.js';
import { runInChunks } from './chunks.js';
import { readFiniteWeights, requireFiniteLoss } from './divergence.js';
import { isBetter, nextBest, patienceIsOver } from './earlyStopping.js';
import { reportProgress, type TrainingRun } from './trainingRun.js';

/** Scores on the validation images, and the wall-clock seconds that they took. */
interface Validated extends Scores {
  seconds: number;
}

const trainTotals = slotNames.totals('train');

/**
 * Runs the remaining training steps of the current epoch: each image once, in an order of the epoch's own (except the
 * images of a partial last batch that the spec drops).
 * @throws Interrupted between two steps; the position then counts the steps that were done
 */
export async function trainEpoch(run: TrainingRun): Promise<Scores> {
  const { plan, session, state } = run;
  const { position } = state;
  if (position.step === 0) {
    await session.write(trainTotals, new Float32Array(3));
    state.trainSeconds = 0;
  }
  const start = performance.now();
  const order = epochOrder(plan.split.train, plan.spec.seed, position.epoch);
  state.trainSeconds += (performance.now() - start) / 1000;
  for (const batches of run.batches) await trainBatches(run, order, batches);
  const scores = scoresOf(await session.read(trainTotals));
  await requireFiniteLoss(run, 'training loss', scores.loss);
  return scores;
}

/** Runs the whole batches of an epoch, or its partial last one, from the run's position on. */
async function trainBatches(
  run: TrainingRun,
  order: Int32Array,
  { program, batchSize, first, steps }: BatchRun,
): Promise<void> {
  const { plan, state, options } = run;
  const { position } = state;
  const done = position.step - first / plan.spec.batchSize;
  const firstStep = position.globalStep;
  await runInChunks({
    program,
    steps: steps - done,
    signal: options.signal,
    limit: (ran) => stepsToCheckpoint(run, firstStep + ran),
    feeds: (ran, steps) =>
      trainFeeds(plan, {
        order,
        from: first + (done + ran) * batchSize,
        batchSize,
        epoch: position.epoch,
        firstStep: firstStep + ran,
        steps,
      }),
    async onChunk(count, seconds) {
      position.step += count;
      position.globalStep += count;
      state.trainSeconds += seconds;
      run.pace.add(count * batchSize, seconds);
      await reportProgress(run);
      await saveWithinEpoch(run);
    },
  });
}

/** Loss and accuracy on the validation images. @throws Interrupted */
export async function validate(run: TrainingRun): Promise<Validated> {
  const start = performance.now();
  const scores = await evaluate(run.session, run.validation, run.options.signal, () => reportProgress(run));
  await requireFiniteLoss(run, 'validation loss', scores.loss);
  const seconds = (performance.now() - start) / 1000;
  run.validationSeconds = seconds;
  return { ...scores, seconds };
}

/**
 * Counts the epoch, keeps its weights where they are the best so far, writes a checkpoint where one is due, and emits
 * the epoch's message.
 * @throws TrainingFailure where the weights are not finite, before any of that
 */
export async function finishEpoch(run: TrainingRun, trained: Scores, validated: Validated): Promise<void> {
  const { plan, state, options } = run;
  const weights = await readFiniteWeights(run);
  const epoch = state.position.epoch + 1;
  const metrics = epochMetrics(run, epoch, trained, validated);
  const { checkpoint: rule, earlyStopping } = plan.spec;
  state.position = { epoch, step: 0, globalStep: epoch * plan.span.stepsPerEpoch };
  if (earlyStopping) {
    state.improved = nextBest(earlyStopping.metric, metrics, epoch, state.improved, earlyStopping.minDelta);
  }
  run.stopped = stopReason(run);
  const kept = epoch % rule.every === 0 || isOver(run);
  metrics.best = rule.metric === 'epoch' ? kept : isBetter(rule.metric, metrics, state.best);
  if (metrics.best) state.best = { epoch, value: metrics[rule.metric], validationLoss: metrics.validationLoss };
  if (metrics.best) run.best = { epoch, weights };
  const checkpoint = metrics.best || kept ? await save(run, metrics, weights) : null;
  await options.emit({ type: 'epoch', metrics, checkpoint });
}

/** Whether the last epoch is done, or training stops before. */
export const isOver = ({ plan, state, stopped }: TrainingRun): boolean =>
  state.position.epoch >= plan.spec.epochs || stopped !== null;

/** Why training stops with the epoch that was trained last; null: it goes on, or this was the last. */
export function stopReason({ plan, state, options, startedAt }: TrainingRun): StopReason | null {
  const { epoch } = state.position;
  if (epoch === 0 || epoch >= plan.spec.epochs) return null;
  if (patienceIsOver(plan.spec.earlyStopping, epoch, state.improved)) return 'earlyStopping';
  const { limit } = options;
  return limit && (performance.now() - startedAt) / 1000 >= limit.secondsLeft ? limit.reason : null;
}

/** Whether the epoch is the best is not known here. */
function epochMetrics(run: TrainingRun, epoch: number, trained: Scores, validated: Validated): EpochMetrics {
  const { plan, state, options } = run;
  const { spec, span, imagesPerEpoch } = plan;
  const { name: executor, device } = options.executor.info;
  const lastStep = epoch * span.stepsPerEpoch - 1;
  const scores = { validationLoss: validated.loss, validationAccuracy: validated.accuracy };
  return {
    epoch,
    trainLoss: trained.loss,
    trainAccuracy: trained.accuracy,
    ...scores,
    learningRate: spec.learningRate * scheduleFactor(spec.schedule, lastStep, span),
    trainSeconds: state.trainSeconds,
    validationSeconds: validated.seconds,
    imagesPerSecond: imagesPerEpoch / state.trainSeconds,
    stepMilliseconds: (1000 * state.trainSeconds) / span.stepsPerEpoch,
    executor,
    device,
    best: false,
  };
}
