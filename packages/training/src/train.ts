import type { TrainerMessage } from '@trainyard/contracts';
import { readWeights, type Weights } from './checkpoints.js';
import { finishEpoch, isOver, trainEpoch, validate } from './epoch.js';
import { failureOf } from './failures.js';
import { prepare, type Run, reportProgress, type TrainOptions } from './run.js';
import { requireSavedBest, save } from './saving.js';
import { Interrupted } from './signal.js';
import { testWeights } from './testing.js';

/**
 * Trains a job, from its beginning or from a checkpoint, to its tested end. Emits the messages of contracts/trainer.ts; the
 * last one is `tested`, `suspended`, `cancelled` or `failed`. Rejects only when `emit` does.
 *
 * The same spec, dataset and seed give the same bits on the same executor, device and thread count, whether the run was
 * interrupted or not: all randomness is counted by seed, epoch and step, and a checkpoint holds every persistent slot.
 */
export async function train(options: TrainOptions): Promise<void> {
  const last = await trainToTheEnd(options).catch(
    (error: unknown): TrainerMessage => ({ type: 'failed', failure: failureOf(error) }),
  );
  await options.emit(last);
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

async function trainAndTest(run: Run): Promise<TrainerMessage> {
  await announce(run);
  while (!isOver(run)) {
    const trained = await trainEpoch(run);
    const validated = await validate(run);
    await finishEpoch(run, trained, validated);
  }
  await requireSavedBest(run);
  return testBest(run);
}

async function announce({ options, plan, resumedFrom }: Run): Promise<void> {
  const { executor, emit } = options;
  const { model, span, spec } = plan;
  const { stepsPerEpoch } = span;
  await emit({ type: 'started', executor: executor.info, parameters: model.parameters, stepsPerEpoch, resumedFrom });
  const { name, device, precision = 'fp32' } = executor.info;
  if (spec.precision !== precision) {
    const message = `the ${name} executor computes in ${precision} on ${device}; precision ${spec.precision} has no effect`;
    await emit({ type: 'warning', code: 'precision_ignored', message });
  }
}

async function testBest(run: Run): Promise<TrainerMessage> {
  const { options, plan, standing, bestWeights } = run;
  const results = await testWeights({
    executor: options.executor,
    signal: options.signal,
    plan,
    // Both are set by the first epoch that ends.
    weights: bestWeights as Weights,
    epoch: standing.best?.epoch as number,
    onChunk: () => reportProgress(run),
  });
  return { type: 'tested', results };
}

/** The last message of a run that was asked to stop; any other error goes on. */
async function endInterrupted(run: Run, error: unknown): Promise<TrainerMessage> {
  if (!(error instanceof Interrupted)) throw error;
  if (error.interruption === 'cancel') return { type: 'cancelled' };
  const { session, program, plan, standing, saved } = run;
  const { epoch, step } = standing.cursor;
  if (epoch === saved.epoch && step === saved.step) return { type: 'suspended', checkpoint: null };
  const weights = await readWeights(session, program, plan.model);
  return { type: 'suspended', checkpoint: await save(run, null, weights) };
}
