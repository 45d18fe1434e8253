import type { PresetName } from '@trainyard/architectures';
import { type Augmentation, type Dataset, datasetChoiceSchema } from '@trainyard/contracts';
import { isRecord } from '../isRecord.js';
import { splitSizes, stepsOfEpoch } from '../sizes.js';
import { recipes } from './index.js';
import type { Recipe } from './recipe.js';

/** Below so many images for training and validation, a spec that names no recipe is trained with `small`. */
export const smallSet = 10_000;

/** What a preset needs on a small set, found by trials on subsets of CIFAR-10. */
interface Pace {
  /** Largest batch; sets of a few hundred images have smaller ones. */
  batchSize: number;
  /** At this batch size; it is proportional to the batch size. */
  learningRate: number;
  /** Steps that a set of 2,000 images is trained for; the epochs follow from it. */
  steps: number;
  epochs: { least: number; most: number };
}

const long = { steps: 2000, epochs: { least: 30, most: 200 } };
const short = { steps: 700, epochs: { least: 15, most: 100 } };
const paces: Record<PresetName, Pace> = {
  lenet: { batchSize: 32, learningRate: 0.02, ...long },
  cnn3: { batchSize: 32, learningRate: 0.03, ...long },
  vgg6: { batchSize: 32, learningRate: 0.02, ...short },
  resnet9: { batchSize: 64, learningRate: 0.1, ...short },
  airbench94: { batchSize: 64, learningRate: 0.2, ...short },
  'airbench-mini': { batchSize: 64, learningRate: 0.2, ...short },
  'resnet-photo': { batchSize: 32, learningRate: 0.05, ...short },
};

/** A power of two, so that an epoch has 25 steps or more; but at least 16, for the statistics of batch norm. */
const batchOf = (train: number, largest: number): number =>
  Math.min(largest, Math.max(16, 2 ** Math.floor(Math.log2(train / 25))), Math.max(1, train));

/**
 * The recipe of a preset for a set of few images: `tuned`, with small batches, a number of epochs that follows from a
 * number of steps, label smoothing, and a validation split in which every class has its share. Gray images are not
 * mirrored, because many sets of them are of digits or letters. The accuracy is that of the network alone, without
 * `testAugmentation`.
 * @param input the user's spec, whose dataset and batch size the recipe follows
 */
export function smallRecipe(preset: PresetName, input: Record<string, unknown>, dataset: Dataset): Recipe {
  const split = smallSplit(dataset, input.dataset);
  const { train } = sizesWith(split, dataset, input.dataset);
  const pace = paces[preset];
  const { batchSize: sent } = input;
  const batchSize =
    typeof sent === 'number' && Number.isInteger(sent) && sent > 0 ? sent : batchOf(train, pace.batchSize);
  const stepsPerEpoch = Math.max(1, stepsOfEpoch({ batchSize, dropLastBatch: true }, train));
  const { least, most } = pace.epochs;
  const epochs = Math.min(most, Math.max(least, Math.ceil(pace.steps / stepsPerEpoch)));
  const tuned = recipes[preset].tuned ?? {};
  return {
    ...tuned,
    batchSize,
    learningRate: (pace.learningRate * batchSize) / pace.batchSize,
    epochs,
    dropLastBatch: true,
    loss: { labelSmoothing: tuned.loss?.labelSmoothing ?? 0.1 },
    augmentation: augmentationOf(dataset),
    testAugmentation: 'none',
    checkpoint: { metric: 'epoch', every: Math.ceil(epochs / 30) },
    dataset: split,
  };
}

const sizesWith = (split: object, dataset: Dataset, choice: unknown) =>
  splitSizes(
    dataset,
    datasetChoiceSchema
      .catch(datasetChoiceSchema.parse(dataset.name))
      .parse(isRecord(choice) ? { ...split, ...choice } : { ...split, name: dataset.name }),
  );

/** A tenth, as no epoch is chosen by them; a fifth where a tenth would be less than five images. */
function smallSplit(dataset: Dataset, choice: unknown) {
  const { train, validation } = sizesWith({}, dataset, choice);
  const validationFraction = train + validation < 50 ? 0.2 : 0.1;
  return { validationFraction, validationSplit: 'stratified' as const };
}

/** Shifts of up to a sixteenth of the side. */
function augmentationOf({ imageShape: [height, width, channels] }: Dataset): Partial<Augmentation> {
  const side = Math.min(height, width);
  const translate = Math.min(16, side - 1, Math.max(1, Math.round(side / 16)));
  return { flip: channels === 1 ? false : 'alternating', translate, border: 'reflect' };
}
