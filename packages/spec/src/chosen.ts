import type { Model } from '@trainyard/architectures';
import type { Dataset, JobSpec } from '@trainyard/contracts';
import { choosesRecipe } from './recipes/withRecipe.js';
import { splitSizes, stepsOfEpoch } from './sizes.js';

/**
 * What was chosen for the user, one line each: the recipe, the validation images, changes of a preset.
 * @param sent the spec as the user sent it
 */
export function chosenFor(sent: Record<string, unknown>, spec: JobSpec, model: Model, dataset: Dataset): string[] {
  const chosen = presetChanges(model);
  if (spec.dataset.validationSplit === 'provided')
    chosen.push(`validated on the validation images that ${dataset.name} has, not on training images`);
  if (spec.recipe === 'small' && choosesRecipe(sent)) chosen.push(recipeLine(spec, dataset));
  return chosen;
}

/** How a preset was changed for images of another size or number of channels; none: it was not. */
export function presetChanges({ name, inputShape: [height, width, channels], changes }: Model): string[] {
  if (changes.length === 0) return [];
  const images = `${width}x${height} images of ${counted(channels, 'channel')}`;
  return [`${name} is changed for ${images}: ${changes.join(', ')}`];
}

function recipeLine(spec: JobSpec, dataset: Dataset): string {
  const { train, validation } = splitSizes(dataset, spec.dataset);
  const steps = counted(stepsOfEpoch(spec, train), 'step');
  return (
    `${dataset.name} has ${counted(train + validation, 'image')} for training and validation: recipe small, ` +
    `${counted(spec.epochs, 'epoch')} of ${steps} of ${spec.batchSize}; choose another with --recipe ("recipe")`
  );
}

const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
