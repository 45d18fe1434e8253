import type { TestResults } from '@trainyard/contracts';
import { type Executor, type Session, slotNames } from '@trainyard/program';
import type { Weights } from './checkpoints.js';
import { loadDataset } from './data.js';
import { evaluate, loadEvaluation } from './evaluate.js';
import type { TrainingPlan } from './plan.js';
import { testScored } from './programs.js';
import { testResults } from './results.js';
import type { TrainingSignal } from './signal.js';

/**
 * Tests weights on the whole test split, in a session of its own: the training's slots stay as they are, so that an
 * interrupted test can still be suspended.
 * @throws Interrupted
 */
export async function testWeights(input: {
  executor: Executor;
  plan: TrainingPlan;
  weights: Weights;
  /** The epoch that the weights are of. */
  epoch: number;
  signal: TrainingSignal;
  onChunk: () => void | Promise<void>;
}): Promise<TestResults> {
  const session = await input.executor.openSession();
  try {
    return await testInSession(session, input);
  } finally {
    await session.close();
  }
}

async function testInSession(
  session: Session,
  { plan, weights, epoch, signal, onChunk }: Omit<Parameters<typeof testWeights>[0], 'executor'>,
): Promise<TestResults> {
  const start = performance.now();
  const images = Int32Array.from({ length: plan.dataset.testImages }, (_, i) => i);
  const evaluation = await loadEvaluation(session, plan, testScored, images);
  await loadDataset(session, plan, 'test');
  for (const { name, data } of weights) await session.write(name, data);
  const { loss } = await evaluate(session, evaluation, signal, onChunk);
  const counts = Int32Array.from(await session.read(slotNames.confusion));
  const seconds = (performance.now() - start) / 1000;
  return testResults({ epoch, classes: plan.dataset.classes, counts, loss, seconds });
}
