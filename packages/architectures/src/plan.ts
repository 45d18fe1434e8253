import type { Dataset, DatasetChoice, JobSpec, Plan } from '@trainyard/contracts';
import { summarize } from './describe.js';
import type { Model } from './model.js';
import { flattenLayers } from './resolve.js';
import { elements } from './shapes.js';

/** How many images each part of a dataset gets: `limit` first, then the validation share rounded down. */
export function splitSizes(
  dataset: Dataset,
  choice: Pick<DatasetChoice, 'limit' | 'validationFraction'>,
): { train: number; validation: number; test: number } {
  const images = Math.min(choice.limit ?? dataset.trainImages, dataset.trainImages);
  const validation = Math.floor(choice.validationFraction * images);
  return { train: images - validation, validation, test: dataset.testImages };
}

/** Training steps of an epoch: the last, shorter batch is a step too, unless the spec drops it. */
export function stepsAnEpoch(
  { batchSize, dropLastBatch }: Pick<JobSpec, 'batchSize' | 'dropLastBatch'>,
  images: number,
): number {
  return dropLastBatch ? Math.floor(images / batchSize) : Math.ceil(images / batchSize);
}

/** All that arithmetic knows of a job before it runs. */
export function planJob(spec: JobSpec, model: Model, dataset: Dataset): Omit<Plan, 'memory'> {
  const { train, validation, test } = splitSizes(dataset, spec.dataset);
  const stepsPerEpoch = stepsAnEpoch(spec, train);
  return {
    spec,
    architecture: summarize(model),
    trainImages: train,
    validationImages: validation,
    testImages: test,
    stepsPerEpoch,
    totalSteps: stepsPerEpoch * spec.epochs,
    trainingFlops: 3 * model.flops * train * spec.epochs,
    expectedSeconds: null,
  };
}

const bytesPerFloat = 4;

/** Every layer's output and its gradient for one batch, were nothing reused: an upper bound. */
export function activationBytes(model: Model, batchSize: number): number {
  const outputs = flattenLayers(model.layers).reduce((sum, { outputShape }) => sum + elements(outputShape), 0);
  return bytesPerFloat * batchSize * (elements(model.inputShape) + 2 * outputs);
}
