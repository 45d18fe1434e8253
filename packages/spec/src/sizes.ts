import { elementCount, flattenLayers, type Model, type ResolvedLayer, summarize } from '@trainyard/architectures';
import { type Dataset, type DatasetChoice, type JobSpec, type Plan, storedImages } from '@trainyard/contracts';

/** Numbers of images in each part of a dataset: `limit` applies first, then the validation share, rounded down. */
export function splitSizes(
  dataset: Dataset,
  choice: Pick<DatasetChoice, 'limit' | 'validationFraction' | 'validationSplit'>,
): { train: number; validation: number; test: number } {
  const stored = storedImages(dataset, 'train');
  const images = Math.min(choice.limit ?? stored, stored);
  const validation =
    choice.validationSplit === 'provided'
      ? providedImages(dataset, images)
      : Math.floor(choice.validationFraction * images);
  return { train: images - validation, validation, test: dataset.testImages };
}

/** How many of `images` images are validation images of the dataset's own: their share, but at least one. */
function providedImages({ trainImages, validationImages }: Dataset, images: number): number {
  const share = Math.floor((images * validationImages) / (trainImages + validationImages));
  return validationImages === 0 ? 0 : Math.max(1, share);
}

/** Training steps of an epoch over `images` images; a last, shorter batch counts unless the spec drops it. */
export function stepsOfEpoch(
  { batchSize, dropLastBatch }: Pick<JobSpec, 'batchSize' | 'dropLastBatch'>,
  images: number,
): number {
  return dropLastBatch ? Math.floor(images / batchSize) : Math.ceil(images / batchSize);
}

/**
 * The plan of a job without its memory, which only an executor can plan, and without warnings of its images.
 * @param chosen of `checkSpec`
 */
export function planJob(
  spec: JobSpec,
  model: Model,
  dataset: Dataset,
  chosen: string[] = [],
): Omit<Plan, 'memory' | 'warnings'> {
  const { train, validation, test } = splitSizes(dataset, spec.dataset);
  const stepsPerEpoch = stepsOfEpoch(spec, train);
  return {
    spec,
    architecture: summarize(model),
    chosen,
    trainImages: train,
    validationImages: validation,
    testImages: test,
    stepsPerEpoch,
    totalSteps: stepsPerEpoch * spec.epochs,
    trainingFlops: 3 * model.flops * train * spec.epochs,
    expectedSeconds: null,
  };
}

/** A batch whose activations and gradients exceed this is refused; it also keeps every tensor below 2^31 elements. */
export const maxActivationBytes = 16 * 2 ** 30;

/** Of a layer's output; twice of a concatenate, whose gradient is cut into those of its branches. */
const valuesOf = ({ layer, outputShape }: ResolvedLayer): number =>
  elementCount(outputShape) * (layer.type === 'concatenate' ? 2 : 1);

/** Upper bound: the output of every layer and its gradient for one batch, as if no memory were reused. */
export function activationBytes(model: Model, batchSize: number): number {
  const outputs = flattenLayers(model.layers).reduce((sum, layer) => sum + valuesOf(layer), 0);
  return Float32Array.BYTES_PER_ELEMENT * batchSize * (elementCount(model.inputShape) + 2 * outputs);
}
