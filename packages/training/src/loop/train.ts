import type { LastTest, TestResults, TrainerMessage, TrainerTest } from '@trainyard/contracts';
import { requireSavedBest, save } from '../checkpoints/saving.js';
import { readWeights } from '../checkpoints/slots.js';
import type { BestEpoch } from '../checkpoints/trainingState.js';
import { type TestInput, testWeights } from '../evaluation/testWeights.js';
import { announceStart, keepsPredictions } from './announcements.js';
import { isDivergence, readFiniteWeights } from './divergence.js';
import { finishEpoch, isOver, stopReason, trainEpoch, validate } from './epoch.js';
import { failureOf } from './failures.js';
import type { TrainOptions } from './options.js';
import { testCheckpoint } from './testCheckpoint.js';
import { prepare, reportProgress, type TrainingRun } from './trainingRun.js';
import { Interrupted } from './trainingSignal.js';

/**
 * Trains a job, from its beginning or from a checkpoint, until its best weights are tested; or only tests those of a
 * checkpoint. Emits the messages of
 * contracts/trainer.ts; the last one is `tested`, `suspended`, `cancelled` or `failed`. Rejects only when `emit` does.
 *
 * The same spec, dataset and seed give the same bits on the same executor, device and thread count, whether the run was
 * interrupted or not: all random numbers are counted by seed, epoch and step, and a checkpoint has every persistent
 * slot.
 */
export async function train(options: TrainOptions): Promise<void> {
  const work = options.tests ? testCheckpoint(options, options.tests) : trainToTheEnd(options);
  await options.emit(await work.catch(failed));
}

async function trainToTheEnd(options: TrainOptions): Promise<TrainerMessage> {
  const session = await options.executor.openSession();
  try {
    const run = await prepare(options, session);
    return await trainAndTest(run).catch((error: unknown) => endInterrupted(run, error));
  } finally {
    await session.close();
  }
}

async function trainAndTest(run: TrainingRun): Promise<TrainerMessage> {
  const { options, plan, resumedFrom } = run;
  await announceStart(options, { ...plan, stepsPerEpoch: plan.span.stepsPerEpoch, resumedFrom });
  if (plan.splitWarning !== null && resumedFrom === null)
    await options.emit({ type: 'warning', code: 'unlike_split', message: plan.splitWarning });
  try {
    await trainEpochs(run);
  } catch (error) {
    if (isDivergence(error) && run.best !== null) return endDiverged(run, error);
    throw error;
  }
  return { type: 'tested', results: await testBoth(run), stopped: run.stopped };
}

async function trainEpochs(run: TrainingRun): Promise<void> {
  // As the attempt before found too, where it was ended during the test; or the limit is used up.
  if (run.best !== null) run.stopped = stopReason(run);
  while (!isOver(run)) {
    const trained = await trainEpoch(run);
    const validated = await validate(run);
    await finishEpoch(run, trained, validated);
  }
}

/** Tests the best weights and the last: on few validation images, the best epoch is often worse than the last. */
async function testBoth(run: TrainingRun): Promise<TrainerTest> {
  const best = await testBest(run, false);
  const { epoch } = run.state.position;
  return { ...best, last: epoch === best.epoch ? lastOf(best) : await testLast(run, epoch) };
}

const lastOf = ({ epoch, loss, accuracy, accuracyAugmented, correct }: TestResults): LastTest => {
  return { epoch, loss, accuracy, accuracyAugmented, correct };
};

async function testLast(run: TrainingRun, epoch: number): Promise<LastTest | null> {
  const weights = await readWeights(run.session, run.program, run.plan.model);
  try {
    return lastOf(await test(run, { epoch, weights }, { partial: false, predictions: false }));
  } catch (error) {
    if (!isDivergence(error)) throw error;
    await run.options.emit({ type: 'warning', code: 'last_untested', message: error.message });
    return null;
  }
}

async function testBest(run: TrainingRun, partial: boolean): Promise<TrainerTest> {
  await requireSavedBest(run);
  if (run.best === null) throw new Error('the run ended without a best epoch');
  const predictions = await keepsPredictions(run.options, run.plan.dataset);
  return test(run, run.best, { partial, predictions });
}

function test(
  run: TrainingRun,
  { epoch, weights }: BestEpoch,
  kind: Pick<TestInput, 'partial' | 'predictions'>,
): Promise<TrainerTest> {
  const { options, plan } = run;
  return testWeights({
    executor: options.executor,
    signal: options.signal,
    plan,
    weights,
    epoch,
    ...kind,
    onChunk: () => reportProgress(run),
  });
}

/** The last message of a run that diverged after its best epoch: the weights of that epoch are tested all the same. */
async function endDiverged(run: TrainingRun, divergence: unknown): Promise<TrainerMessage> {
  const failure = failureOf(divergence);
  try {
    return { type: 'failed', failure, results: await testBest(run, true) };
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    const message = `the best weights, of epoch ${run.best?.epoch}, were not tested: ${failureOf(error).message}`;
    await run.options.emit({ type: 'warning', code: 'best_untested', message });
    return { type: 'failed', failure, results: null };
  }
}

const failed = (error: unknown): TrainerMessage => ({ type: 'failed', failure: failureOf(error), results: null });

/** The last message of a run that was requested to stop; any other error is thrown again. */
async function endInterrupted(run: TrainingRun, error: unknown): Promise<TrainerMessage> {
  if (!(error instanceof Interrupted)) throw error;
  if (error.interruption === 'cancel') return { type: 'cancelled' };
  const { state, saved } = run;
  const { epoch, step } = state.position;
  if (epoch === saved.epoch && step === saved.step) return { type: 'suspended', checkpoint: null };
  try {
    return { type: 'suspended', checkpoint: await save(run, null, await readFiniteWeights(run)) };
  } catch (error) {
    // There may be no time left to test the best weights; the next attempt repeats the steps, fails and tests them.
    if (!isDivergence(error)) throw error;
    return { type: 'suspended', checkpoint: null };
  }
}
