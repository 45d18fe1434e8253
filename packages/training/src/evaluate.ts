import { buildEvaluateProgram, planMemory, type Session, type Split, slotNames } from '@trainyard/program';
import { type LoadedBatches, loadBatches } from './batches.js';
import { runInChunks } from './chunks.js';
import type { TrainingPlan } from './plan.js';
import type { TrainingSignal } from './signal.js';

/** What an evaluation is made of. */
export interface EvaluationInput {
  plan: TrainingPlan;
  /** The stored split that the images are from. */
  split: Split;
  /** Indices into that split. */
  images: Int32Array;
  weights: 'model' | 'ema';
  confusion: boolean;
}

/** An evaluation that is ready to run, again and again. */
export interface Evaluation {
  batches: LoadedBatches;
  images: Int32Array;
}

/** Means over the images of a split. */
export interface Scores {
  loss: number;
  accuracy: number;
}

/** Transient memory that an evaluation may take, and images beyond which a larger batch gains nothing. */
const evaluationBytes = 32 * 2 ** 20;
const largestBatch = 250;

export async function loadEvaluation(session: Session, input: EvaluationInput): Promise<Evaluation> {
  const { plan, split, images, weights, confusion } = input;
  const stored = split === 'train' ? plan.dataset.trainImages : plan.dataset.testImages;
  const build = (batchSize: number) =>
    buildEvaluateProgram({
      model: plan.model,
      batchSize,
      split,
      images: stored,
      normalization: plan.moments,
      weights,
      confusion,
    });
  const fitting = Math.floor(evaluationBytes / Math.max(1, planMemory(build(1)).bytes));
  const batchSize = Math.max(1, Math.min(fitting, largestBatch, images.length));
  return { batches: await loadBatches(session, build, images.length, batchSize), images };
}

/**
 * Loss and accuracy over every image of the evaluation, once each.
 * @throws Interrupted between two batches
 */
export async function evaluate(
  session: Session,
  { batches, images }: Evaluation,
  signal: TrainingSignal,
  onChunk: () => void | Promise<void>,
): Promise<Scores> {
  const totals = slotNames.totals('evaluate');
  await session.write(totals, new Float32Array(3));
  for (const { program, batchSize, first, steps } of batches) {
    const feeds = (from: number, count: number) => {
      const start = first + from * batchSize;
      return { [slotNames.indices]: images.subarray(start, start + count * batchSize) };
    };
    await runInChunks({ program, steps, feeds, signal, onChunk });
  }
  return scoresOf(await session.read(totals));
}

/** From a totals slot: f32 [3], sum of losses, hits, images. */
export function scoresOf(totals: ArrayLike<number>): Scores {
  const [loss = 0, hits = 0, images = 0] = Array.from(totals);
  return { loss: loss / images, accuracy: hits / images };
}
