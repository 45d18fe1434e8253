import type { Model } from '@trainyard/architectures';
import { type Dataset, type JobSpec, storedImages } from '@trainyard/contracts';
import { buildEvaluateProgram, buildTrainProgram, type Program, planMemory, type Split } from '@trainyard/program';
import { channelMoments } from './channelMoments.js';

/** Everything that the programs of a training depend on. */
export interface Training {
  spec: JobSpec;
  model: Model;
  dataset: Dataset;
  /** Factor of each class in the training loss; null: 1. Absent where a program is only looked at: also 1. */
  classWeights?: readonly number[] | null;
}

/**
 * One training step on `batchSize` images; the partial last batch of an epoch has a program of its own.
 * @param passes whether to optimize the program; its results are the same without
 */
export function trainProgram(training: Training, batchSize: number, passes = true): Program {
  const { spec, model, dataset, classWeights = null } = training;
  const { optimizer, loss, augmentation, ema, lookahead, seed } = spec;
  return buildTrainProgram({
    model,
    batchSize,
    optimizer,
    loss,
    classWeights,
    augmentation,
    ema: ema !== null,
    lookahead,
    seed,
    normalization: channelMoments(spec.normalization, dataset),
    images: storedImages(dataset, 'train'),
    passes,
  });
}

/** Which images and weights an evaluation uses, and what it counts. */
export interface EvaluationKind {
  /** The stored split of the images. */
  split: Split;
  weights: 'model' | 'ema';
  confusion: boolean;
  /** Whether logits are means over the views of the spec's `testAugmentation`. */
  augmented: boolean;
}

/** One step of validation or test. */
export function evaluateProgram({ spec, model, dataset }: Training, kind: EvaluationKind, batchSize: number): Program {
  const images = storedImages(dataset, kind.split);
  const normalization = channelMoments(spec.normalization, dataset);
  const testAugmentation = kind.augmented ? spec.testAugmentation : 'none';
  return buildEvaluateProgram({ model, batchSize, images, normalization, ...kind, testAugmentation });
}

/** The validation after every epoch. */
export const validationOf = ({ spec }: Training): EvaluationKind => ({
  split: 'train',
  weights: spec.ema ? 'ema' : 'model',
  confusion: false,
  augmented: true,
});
/** The test of the best weights: of the network alone. */
const testEvaluation: EvaluationKind = { split: 'test', weights: 'model', confusion: true, augmented: false };
/** The second test where the spec has a `testAugmentation`. */
const augmentedTest: EvaluationKind = { ...testEvaluation, confusion: false, augmented: true };
/** The evaluations of a test, in their order. */
export const testEvaluations = ({ spec }: Training): EvaluationKind[] =>
  spec.testAugmentation === 'none' ? [testEvaluation] : [testEvaluation, augmentedTest];

/** Transient memory that an evaluation may use. */
const evaluationBytes = 32 * 2 ** 20;
/** A larger batch gains nothing. */
const largestBatch = 250;

/** Images per step of an evaluation of `images` images. */
export function evaluationBatch(training: Training, kind: EvaluationKind, images: number): number {
  const bytesPerImage = planMemory(evaluateProgram(training, kind, 1)).bytes;
  const fitting = Math.floor(evaluationBytes / Math.max(1, bytesPerImage));
  return Math.max(1, Math.min(fitting, largestBatch, images));
}
