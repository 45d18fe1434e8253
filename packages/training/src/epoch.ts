import type { EpochMetrics } from '@trainyard/contracts';
import { slotNames } from '@trainyard/program';
import type { BatchRun } from './batches.js';
import { readWeights } from './checkpoints.js';
import { runInChunks } from './chunks.js';
import { evaluate, type Scores, scoresOf } from './evaluate.js';
import { diverged } from './failures.js';
import { epochOrder, trainFeeds } from './feed.js';
import { type Run, reportProgress } from './run.js';
import { save, saveWithinEpoch, stepsToCheckpoint } from './saving.js';
import { scheduleFactor } from './schedule.js';
import { improves, nextMark, patienceIsOver } from './watch.js';

/** Scores on the images held back, and the wall-clock seconds that they took. */
interface Validated extends Scores {
  seconds: number;
}

const trainTotals = slotNames.totals('train');

/**
 * The training steps of the current epoch that are not done yet: each image once, in an order drawn for the epoch
 * (but for a partial last batch that the spec drops).
 * @throws Interrupted between two steps; the cursor then counts what was done
 */
export async function trainEpoch(run: Run): Promise<Scores> {
  const { plan, session, standing } = run;
  const { cursor } = standing;
  if (cursor.step === 0) {
    await session.write(trainTotals, new Float32Array(3));
    standing.trainSeconds = 0;
  }
  const start = performance.now();
  const order = epochOrder(plan.split.train, plan.spec.seed, cursor.epoch);
  standing.trainSeconds += (performance.now() - start) / 1000;
  for (const batches of run.batches) await trainBatches(run, order, batches);
  const scores = scoresOf(await session.read(trainTotals));
  requireFinite(run, 'training loss', scores.loss);
  return scores;
}

/** The whole batches of an epoch, or its partial last one, from the cursor on. */
async function trainBatches(
  run: Run,
  order: Int32Array,
  { program, batchSize, first, steps }: BatchRun,
): Promise<void> {
  const { plan, standing, options } = run;
  const { cursor } = standing;
  const done = cursor.step - first / plan.spec.batchSize;
  const firstStep = cursor.globalStep;
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
        epoch: cursor.epoch,
        firstStep: firstStep + ran,
        steps,
      }),
    async onChunk(count, seconds) {
      cursor.step += count;
      cursor.globalStep += count;
      standing.trainSeconds += seconds;
      run.pace.add(count * batchSize, seconds);
      await reportProgress(run);
      await saveWithinEpoch(run);
    },
  });
}

/** Loss and accuracy on the images held back. @throws Interrupted */
export async function validate(run: Run): Promise<Validated> {
  const start = performance.now();
  const scores = await evaluate(run.session, run.validation, run.options.signal, () => reportProgress(run));
  requireFinite(run, 'validation loss', scores.loss);
  const seconds = (performance.now() - start) / 1000;
  run.validationSeconds = seconds;
  return { ...scores, seconds };
}

function requireFinite(run: Run, what: string, loss: number): void {
  if (!Number.isFinite(loss)) throw diverged(what, run.standing.cursor.epoch + 1, run.plan.spec.learningRate);
}

/** Counts the epoch, keeps its weights where they are the best so far, writes a checkpoint where one is due, tells it all. */
export async function finishEpoch(run: Run, trained: Scores, validated: Validated): Promise<void> {
  const { plan, standing, options } = run;
  const epoch = standing.cursor.epoch + 1;
  const metrics = epochMetrics(run, epoch, trained, validated);
  const { checkpoint: rule, earlyStopping } = plan.spec;
  standing.cursor = { epoch, step: 0, globalStep: epoch * plan.span.stepsPerEpoch };
  standing.best = nextMark(rule.metric, metrics, epoch, standing.best);
  if (earlyStopping) {
    standing.improved = nextMark(earlyStopping.metric, metrics, epoch, standing.improved, earlyStopping.minDelta);
  }
  const due = metrics.best || epoch % rule.every === 0 || isOver(run);
  const weights = due ? await readWeights(run.session, run.program, plan.model) : null;
  if (metrics.best) run.bestWeights = weights;
  await options.emit({ type: 'epoch', metrics, checkpoint: weights && (await save(run, metrics, weights)) });
}

/** Whether the last epoch is done, or early stopping's patience. */
export function isOver({ plan, standing }: Run): boolean {
  const { epoch } = standing.cursor;
  return epoch >= plan.spec.epochs || patienceIsOver(plan.spec.earlyStopping, epoch, standing.improved);
}

function epochMetrics(run: Run, epoch: number, trained: Scores, validated: Validated): EpochMetrics {
  const { plan, standing, options } = run;
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
    trainSeconds: standing.trainSeconds,
    validationSeconds: validated.seconds,
    imagesPerSecond: imagesPerEpoch / standing.trainSeconds,
    stepMilliseconds: (1000 * standing.trainSeconds) / span.stepsPerEpoch,
    executor,
    device,
    best: improves(spec.checkpoint.metric, scores[spec.checkpoint.metric], standing.best),
  };
}
