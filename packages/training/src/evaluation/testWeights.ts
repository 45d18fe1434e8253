import { type TrainerTest, TrainingFailure } from '@trainyard/contracts';
import { type Executor, type Session, slotNames, topCount } from '@trainyard/program';
import type { Weights } from '../checkpoints/slots.js';
import { loadDataset } from '../data/loadDataset.js';
import type { TrainingSignal } from '../loop/trainingSignal.js';
import { testEvaluations } from '../plan/programs.js';
import type { TestPlan } from '../plan/trainingPlan.js';
import { type Evaluation, evaluate, loadEvaluation, type Scores } from './evaluate.js';
import { PredictionRecord } from './predictionRecord.js';
import { testResults } from './testResults.js';

export interface TestInput {
  executor: Executor;
  plan: TestPlan;
  weights: Weights;
  /** The epoch of the weights, from 1. */
  epoch: number;
  /** Whether the training failed in a later epoch. */
  partial: boolean;
  /** Whether the prediction of each image is kept. */
  predictions: boolean;
  signal: TrainingSignal;
  onChunk: () => void | Promise<void>;
}

/**
 * Tests weights on the whole test split, in a session of its own: the training's slots stay unchanged, so that a run
 * that is interrupted during the test can still be suspended.
 * @throws Interrupted; TrainingFailure where the loss is not a finite number
 */
export async function testWeights(input: TestInput): Promise<TrainerTest> {
  const session = await input.executor.openSession();
  try {
    return await testInSession(session, input);
  } finally {
    await session.close();
  }
}

async function testInSession(
  session: Session,
  { plan, weights, epoch, partial, predictions, signal, onChunk }: Omit<TestInput, 'executor'>,
): Promise<TrainerTest> {
  const start = performance.now();
  const images = Int32Array.from({ length: plan.dataset.testImages }, (_, i) => i);
  const evaluations: Evaluation[] = [];
  for (const kind of testEvaluations(plan)) evaluations.push(await loadEvaluation(session, plan, kind, images));
  await loadDataset(session, plan, 'test');
  for (const { name, data } of weights) await session.write(name, data);
  const record = predictions ? await PredictionRecord.open(session, plan) : null;
  const scores: Scores[] = [];
  for (const [i, evaluation] of evaluations.entries())
    scores.push(await evaluate(session, evaluation, signal, onChunk, i === 0 ? record?.readBatch : undefined));
  if (!scores.every(({ loss }) => Number.isFinite(loss))) throw testDiverged(epoch);
  const [plain, augmented] = scores as [Scores, Scores?];
  const { classes } = plan.dataset;
  const counts = Int32Array.from(await session.read(slotNames.confusion));
  const [topHits = 0] = classes.length > topCount ? await session.read(slotNames.topHits) : [null];
  const seconds = (performance.now() - start) / 1000;
  const accuracyAugmented = augmented?.accuracy ?? null;
  const { loss } = plain;
  const results = testResults({ epoch, classes, counts, topHits, loss, accuracyAugmented, seconds, partial });
  return { ...results, predictions: record?.predictions ?? null };
}

/** The weights of a checkpoint are finite, so values overflow within the network, on images of the test alone. */
const testDiverged = (epoch: number): TrainingFailure =>
  new TrainingFailure(
    'diverged',
    `the test loss of the weights of epoch ${epoch} is not a finite number, although the weights are: their values ` +
      'have grown so large that the network overflows on some test images; use a lower learningRate or a weightDecay',
  );
