import { type Session, slotNames } from '@trainyard/program';
import { type LoadedBatches, loadBatches } from '../data/batches.js';
import { runInChunks } from '../loop/chunks.js';
import type { TrainingSignal } from '../loop/trainingSignal.js';
import { type EvaluationKind, evaluateProgram, evaluationBatch } from '../plan/programs.js';
import type { TestPlan } from '../plan/trainingPlan.js';

/** An evaluation that is loaded, and may be run any number of times. */
export interface Evaluation {
  batches: LoadedBatches;
  images: Int32Array;
}

/** Means over the images of a split. */
export interface Scores {
  loss: number;
  accuracy: number;
}

/** @param images indices into the evaluated split */
export async function loadEvaluation(
  session: Session,
  plan: TestPlan,
  kind: EvaluationKind,
  images: Int32Array,
): Promise<Evaluation> {
  const build = (batchSize: number) => evaluateProgram(plan, kind, batchSize);
  const batchSize = evaluationBatch(plan, kind, images.length);
  return { batches: await loadBatches(session, build, images.length, batchSize), images };
}

/**
 * Loss and accuracy over every image of the evaluation, once each.
 * @param onBatch called after each batch with the position of its first image; absent: many batches run in one call
 * @throws Interrupted between two batches
 */
export async function evaluate(
  session: Session,
  { batches, images }: Evaluation,
  signal: TrainingSignal,
  onChunk: () => void | Promise<void>,
  onBatch?: (first: number, batchSize: number) => Promise<void>,
): Promise<Scores> {
  const totals = slotNames.totals('evaluate');
  await session.write(totals, new Float32Array(3));
  for (const { program, batchSize, first, steps } of batches) {
    const feeds = (from: number, count: number) => {
      const start = first + from * batchSize;
      return { [slotNames.indices]: images.subarray(start, start + count * batchSize) };
    };
    if (onBatch === undefined) await runInChunks({ program, steps, feeds, signal, onChunk });
    else {
      let done = 0;
      const readBatch = async (ran: number) => {
        if (ran > 0) await onBatch(first + done * batchSize, batchSize);
        done += ran;
        await onChunk();
      };
      await runInChunks({ program, steps, feeds, signal, limit: () => 1, onChunk: readBatch });
    }
  }
  return scoresOf(await session.read(totals));
}

/** From a totals slot: f32 [3], sum of losses, hits, images. */
export function scoresOf(totals: ArrayLike<number>): Scores {
  const [loss = 0, hits = 0, images = 0] = Array.from(totals);
  return { loss: loss / images, accuracy: hits / images };
}
