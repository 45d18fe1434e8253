import { freezeWeights, type Model, resolveModel } from '@trainyard/architectures';
import {
  type ChannelMoments,
  type Dataset,
  InvalidInputError,
  type JobSpec,
  TrainingFailure,
} from '@trainyard/contracts';
import { openPacked, type PackedDataset } from '@trainyard/datasets';
import { splitSizes, stepsOfEpoch } from '@trainyard/spec';
import { channelMoments } from './channelMoments.js';
import { classWeightsOf } from './classWeights.js';
import type { Span } from './schedule.js';
import { splitImages, type TrainingSplit } from './split.js';
import { splitWarning } from './splitWarning.js';

/** What the test of a network needs. */
export interface TestPlan {
  spec: JobSpec;
  dataset: Dataset;
  packed: PackedDataset;
  datasetFile: string;
  model: Model;
}

/** Everything that follows from spec and dataset before the first step. */
export interface TrainingPlan extends TestPlan {
  moments: ChannelMoments;
  split: TrainingSplit;
  /** Factor of each class in the training loss; null: 1. */
  classWeights: number[] | null;
  /** Why its parts are of little use, in a sentence with a remedy; null: they are as they should be. */
  splitWarning: string | null;
  span: Span;
  /** Images of a training epoch: all of `split.train`, except those of a last batch that is dropped. */
  imagesPerEpoch: number;
}

/**
 * Opens the dataset and plans the training.
 * @throws TrainingFailure when the dataset is missing, or spec and dataset do not fit each other
 */
export async function planTraining(spec: JobSpec, dataset: Dataset, datasetFile: string): Promise<TrainingPlan> {
  const { packed, ...plan } = await planTest(spec, dataset, datasetFile);
  const labels = await packed.readLabels('train');
  const split = splitOf(labels, spec, dataset);
  requireImages(dataset, split);
  const stepsPerEpoch = stepsOfEpoch(spec, split.train.length);
  return {
    ...plan,
    packed,
    moments: channelMoments(spec.normalization, dataset),
    split,
    classWeights: classWeightsOf(spec.loss.classWeights, dataset.classes, labels, split.train),
    splitWarning: splitWarning(labels, split, dataset, spec.dataset),
    span: { stepsPerEpoch, totalSteps: stepsPerEpoch * spec.epochs },
    imagesPerEpoch: Math.min(split.train.length, stepsPerEpoch * spec.batchSize),
  };
}

/**
 * Opens the dataset and plans a test alone.
 * @throws TrainingFailure as above
 */
export async function planTest(spec: JobSpec, dataset: Dataset, datasetFile: string): Promise<TestPlan> {
  return { spec, dataset, datasetFile, packed: await openDataset(dataset, datasetFile), model: modelOf(spec, dataset) };
}

/** @param labels class of each image that is stored as `train`, i32 [n] */
export const splitOf = (labels: Int32Array, spec: JobSpec, dataset: Dataset): TrainingSplit =>
  splitImages(labels, spec.dataset, splitSizes(dataset, spec.dataset), dataset.validationImages);

async function openDataset(dataset: Dataset, file: string): Promise<PackedDataset> {
  const packed = await openPacked(file).catch((cause: unknown) => {
    if (!(cause instanceof InvalidInputError)) throw cause;
    const message = `this worker has no usable file of ${dataset.name}: ${cause.message}; import it again`;
    throw new TrainingFailure('dataset_missing', message, { cause });
  });
  if (packed.dataset.digest !== dataset.digest) {
    throw new TrainingFailure(
      'dataset_changed',
      `the dataset ${dataset.name} of this worker is not the one that the job was created for`,
    );
  }
  return packed;
}

function modelOf(spec: JobSpec, dataset: Dataset): Model {
  const { model, faults } = resolveModel(spec.architecture, dataset.imageShape, dataset.classes.length);
  if (model) return freezeWeights(model, spec.freeze);
  const details = faults.map((fault) => `${fault.pointer}: ${fault.detail}`);
  throw new TrainingFailure('invalid_spec', `the architecture does not fit ${dataset.name}: ${details.join('; ')}`);
}

function requireImages(dataset: Dataset, split: TrainingSplit): void {
  const images = { training: split.train.length, validation: split.validation.length, test: dataset.testImages };
  const missing = Object.entries(images).filter(([, count]) => count === 0);
  if (missing.length === 0) return;
  const names = missing.map(([name]) => name).join(', ');
  throw new TrainingFailure(
    'invalid_spec',
    `${dataset.name} leaves no images for: ${names}; change limit or validationFraction`,
  );
}
