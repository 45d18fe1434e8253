import { elementCount, flattenLayers, type Model } from '@trainyard/architectures';
import { type Dataset, type Fault, nearestName, toPointer } from '@trainyard/contracts';
import { activationBytes, maxActivationBytes, splitSizes } from '../sizes.js';
import type { Fields } from './checkFields.js';

/**
 * Rules that concern several fields, or fields and the dataset. Each is checked only if the fields that it needs are.
 */
export function* fieldRules(fields: Partial<Fields>, dataset: Dataset): Generator<Fault> {
  yield* splitRules(fields, dataset);
  yield* optimizerRules(fields);
  yield* classWeightRules(fields, dataset);
  yield* scheduleRules(fields);
  yield* imageRules(fields, dataset);
  yield* normalizationRules(fields, dataset);
}

function* splitRules({ batchSize, dataset: choice }: Partial<Fields>, dataset: Dataset): Generator<Fault> {
  if (!choice) return;
  const { train, validation } = splitSizes(dataset, choice);
  const images = train + validation;
  if (dataset.testImages === 0)
    yield {
      pointer: '/dataset',
      detail: `${dataset.name} has no test images, so a model cannot be tested; import it again with test images`,
    };
  if (choice.validationSplit === 'provided') {
    const fault = providedFault(dataset, train);
    if (fault) return yield fault;
  } else if (validation === 0) {
    const least = Math.ceil(1000 / images) / 1000;
    yield {
      pointer: '/dataset/validationFraction',
      detail: `${choice.validationFraction} of ${images} images is less than one image; use at least ${least}`,
    };
  }
  if (batchSize !== undefined && batchSize > train)
    yield {
      pointer: '/batchSize',
      detail:
        `${batchSize} is larger than the ${train} training images ` +
        `(${validation} of ${images} are used for validation); use at most ${train}`,
    };
}

/** Why the dataset's own validation images cannot be used; null: they can. */
function providedFault(dataset: Dataset, train: number): Fault | null {
  if (dataset.validationImages === 0)
    return {
      pointer: '/dataset/validationSplit',
      detail: `${dataset.name} has no validation images of its own; use "shuffled", "stratified" or "head"`,
    };
  if (train > 0) return null;
  return { pointer: '/dataset/limit', detail: 'leaves no images for training; use at least 2' };
}

function* optimizerRules({ optimizer }: Partial<Fields>): Generator<Fault> {
  if (!optimizer) return;
  if (optimizer.type === 'sgd' && optimizer.nesterov && optimizer.momentum === 0)
    yield { pointer: '/optimizer/nesterov', detail: 'nesterov needs momentum; set optimizer.momentum, e.g. to 0.9' };
  const { groups } = optimizer;
  const repeated = groups.findIndex(({ match }, i) => groups.findIndex((group) => group.match === match) < i);
  if (repeated >= 0)
    yield {
      pointer: `/optimizer/groups/${repeated}/match`,
      detail: 'an earlier group matches the same weights; use one group per kind or pattern',
    };
}

function* classWeightRules({ loss }: Partial<Fields>, { name: set, classes }: Dataset): Generator<Fault> {
  if (!loss?.classWeights || loss.classWeights === 'balanced') return;
  for (const name of Object.keys(loss.classWeights).filter((each) => !classes.includes(each))) {
    const nearest = nearestName(name, classes);
    const hint = nearest
      ? `did you mean ${JSON.stringify(nearest)}?`
      : `the classes are ${classes.slice(0, 20).join(', ')}`;
    yield {
      pointer: toPointer('', ['loss', 'classWeights', name]),
      detail: `${set} has no class ${JSON.stringify(name)}; ${hint}`,
    };
  }
}

function* scheduleRules({ schedule, epochs }: Partial<Fields>): Generator<Fault> {
  if (!schedule || !('warmupEpochs' in schedule) || epochs === undefined) return;
  const { warmupEpochs } = schedule;
  if (warmupEpochs > epochs)
    yield {
      pointer: '/schedule/warmupEpochs',
      detail: `a warm-up of ${warmupEpochs} epochs does not end within the ${epochs} epochs of the run`,
    };
}

function* imageRules({ augmentation, testAugmentation }: Partial<Fields>, dataset: Dataset): Generator<Fault> {
  const [height, width] = dataset.imageShape;
  const side = Math.min(height, width);
  const image = `${width}x${height} image`;
  if (augmentation && augmentation.translate >= side)
    yield {
      pointer: '/augmentation/translate',
      detail:
        `a shift of ${augmentation.translate} pixels can move all of a ${image} out of view; ` +
        `use at most ${side - 1}`,
    };
  if (augmentation && augmentation.cutout > side)
    yield {
      pointer: '/augmentation/cutout',
      detail: `a ${augmentation.cutout}x${augmentation.cutout} square does not fit a ${image}; use at most ${side}`,
    };
  yield* jitterRules(augmentation, dataset.imageShape[2]);
  if (testAugmentation === 'mirrorTranslate' && side < 2)
    yield {
      pointer: '/testAugmentation',
      detail: `a ${image} cannot be shifted by a pixel and reflected; use mirror or none`,
    };
}

function* jitterRules(augmentation: Partial<Fields>['augmentation'], channels: number): Generator<Fault> {
  const jitter = augmentation?.colorJitter;
  if (!jitter || channels === 3) return;
  const colours = (['saturation', 'hue'] as const).filter((key) => jitter[key] > 0);
  const pointer = '/augmentation/colorJitter';
  if (channels !== 1) yield { pointer, detail: `needs images of 1 or 3 channels, but these have ${channels}` };
  else
    for (const key of colours)
      yield { pointer: `${pointer}/${key}`, detail: 'needs images of 3 channels, but these have 1; leave it out' };
}

function* normalizationRules({ normalization }: Partial<Fields>, dataset: Dataset): Generator<Fault> {
  if (typeof normalization !== 'object') return;
  const [, , channels] = dataset.imageShape;
  const numbers = channels === 1 ? '1 number' : `${channels} numbers`;
  for (const key of ['mean', 'std'] as const) {
    const { length } = normalization[key];
    if (length !== channels)
      yield {
        pointer: `/normalization/${key}`,
        detail: `must have ${numbers}, one per channel of the images, but has ${length}`,
      };
  }
}

/** Rules that concern the model and the batch size. */
export function* modelRules(fields: Partial<Fields>, model: Model, dataset: Dataset): Generator<Fault> {
  const { batchSize, dropLastBatch, dataset: choice } = fields;
  if (batchSize === undefined) return;
  const bytes = activationBytes(model, batchSize);
  if (bytes > maxActivationBytes) yield { pointer: '/batchSize', detail: tooMuchMemory(bytes, batchSize) };
  const flatNorm = flattenLayers(model.layers).find(
    ({ layer, outputShape }) => layer.type === 'batchNorm' && elementCount(outputShape.slice(0, -1)) === 1,
  );
  if (!flatNorm) return;
  const train = choice ? splitSizes(dataset, choice).train : 0;
  const layer = `batchNorm at ${flatNorm.pointer.slice(1)}`;
  const where = `${layer} has one value per channel in a batch of 1, which has no variance`;
  if (batchSize === 1) yield { pointer: '/batchSize', detail: `${where}; use at least 2` };
  else if (!dropLastBatch && train % batchSize === 1)
    yield {
      pointer: '/batchSize',
      detail: `${where}; choose one that does not leave 1 of the ${train} training images over`,
    };
}

function tooMuchMemory(bytes: number, batchSize: number): string {
  const largest = Math.floor((batchSize * maxActivationBytes) / bytes);
  return (
    `a step of ${batchSize} images would need ${gibibytes(bytes)} for activations, ` +
    `more than the ${gibibytes(maxActivationBytes)} allowed; use at most ${largest} or a smaller architecture`
  );
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
