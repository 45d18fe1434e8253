import type { Model } from '@trainyard/architectures';
import type { Dataset, JobSpec } from '@trainyard/contracts';
import { buildEvaluateProgram, buildTrainProgram, type Program, planMemory, type Split } from '@trainyard/program';
import { channelMoments } from './moments.js';

/** What decides the programs of a training. */
export interface Training {
  spec: JobSpec;
  model: Model;
  dataset: Dataset;
}

/**
 * One training step on `batchSize` images; the partial last batch of an epoch has a program of its own.
 * @param passes whether the program is rewritten to need less; without, it computes the same
 */
export function trainProgram({ spec, model, dataset }: Training, batchSize: number, passes = true): Program {
  const { optimizer, loss, augmentation, ema, lookahead, seed } = spec;
  return buildTrainProgram({
    model,
    batchSize,
    optimizer,
    loss,
    augmentation,
    ema,
    lookahead,
    seed,
    normalization: channelMoments(spec.normalization, dataset),
    images: dataset.trainImages,
    passes,
  });
}

/** What an evaluation scores. */
export interface Scored {
  /** The stored split that the images are from. */
  split: Split;
  weights: 'model' | 'ema';
  confusion: boolean;
}

/** One step of validation or test. */
export function evaluateProgram({ spec, model, dataset }: Training, scored: Scored, batchSize: number): Program {
  const images = scored.split === 'train' ? dataset.trainImages : dataset.testImages;
  const normalization = channelMoments(spec.normalization, dataset);
  const { testAugmentation } = spec;
  return buildEvaluateProgram({ model, batchSize, images, normalization, testAugmentation, ...scored });
}

/** What the validation during training scores, and what the test after it does. */
export const validationOf = ({ spec }: Training): Scored => ({
  split: 'train',
  weights: spec.ema ? 'ema' : 'model',
  confusion: false,
});
export const testScored: Scored = { split: 'test', weights: 'model', confusion: true };

/** Transient memory that an evaluation may take, and images beyond which a larger batch gains nothing. */
const evaluationBytes = 32 * 2 ** 20;
const largestBatch = 250;

/** Images a step of an evaluation of `images` images. */
export function evaluationBatch(training: Training, scored: Scored, images: number): number {
  const bytesPerImage = planMemory(evaluateProgram(training, scored, 1)).bytes;
  const fitting = Math.floor(evaluationBytes / Math.max(1, bytesPerImage));
  return Math.max(1, Math.min(fitting, largestBatch, images));
}
