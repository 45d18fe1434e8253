import type { Layer } from '@trainyard/contracts';
import type { ResolvedLayer } from '../model.js';
import { presetNames } from '../presets/index.js';
import { maxChannels, maxWeights, maxWhitenedValues } from './limits.js';
import { elementCount, isMap, type MapShape, type Shape } from './shapes.js';

/** The details of faults: what does not fit, and what to change. */

export const formatShape = (shape: readonly number[]): string => shape.join('x');

/** e.g. `a 5x5`, `an 8x8` */
function withArticle(sizes: readonly number[]): string {
  const text = formatShape(sizes);
  return `${/^(8|11x|18x)/.test(text) ? 'an' : 'a'} ${text}`;
}

/** e.g. `a 5x5x16 map` or `400 values`; without the sizes where one is unknown. */
function describeShape(shape: Shape): string {
  const known = !shape.some(Number.isNaN);
  if (isMap(shape)) return known ? `${withArticle(shape)} map` : 'a map';
  return known ? `${formatShape(shape)} values` : 'flat values';
}

export const unknownPreset = (name: string): string =>
  `unknown preset ${JSON.stringify(name)}; the presets are ${presetNames.join(', ')}, or use {"layers": [...]}`;

export const presetMisfit = (preset: string, inputShape: MapShape, pointer: string, detail: string): string =>
  `${preset} does not fit ${formatShape(inputShape)} images: ${pointer.slice(1)}: ${detail}`;

export const needsMapBut = (type: Layer['type'], shape: Shape): string =>
  `${type} needs a map of height, width and channels but gets ${describeShape(shape)}; ` +
  'move it before the flatten, globalAvgPool or dense';

export const denseNeedsFlat = (shape: Shape): string =>
  `dense needs flat values but gets ${describeShape(shape)}; put a flatten or globalAvgPool before it`;

export function kernelMisfit(layer: Extract<Layer, { type: 'conv2d' }>, [height, width]: MapShape): string {
  const padded = typeof layer.padding === 'number' && layer.padding > 0 ? ` with padding ${layer.padding}` : '';
  const dilated = layer.dilation.some((distance) => distance > 1) ? ` with dilation ${layer.dilation.join('x')}` : '';
  const kernel = `${withArticle(layer.kernel)} kernel${dilated}`;
  const misfit = `${kernel} does not fit ${withArticle([height, width])} map${padded}`;
  return `${misfit}; use padding: same or remove a pool`;
}

export const poolMisfit = (size: [number, number], [height, width]: MapShape): string =>
  `${withArticle(size)} window does not fit ${withArticle([height, width])} map; remove this pool or one before it`;

export const dilationWithStride =
  'a dilation above 1 needs a stride of 1: Keras and TensorFlow.js cannot load the two together';

export const dilationWithWhitening = 'whitening filters need a dilation of 1: their patches have no gaps';

/** NaN: not known. */
export function groupsMisfit(groups: number, channels: number, filters: number): string {
  const undivided = [
    ...(channels % groups > 0 ? [`${channels} input channels`] : []),
    ...(filters % groups > 0 ? [`${filters} filters`] : []),
  ];
  const misfit = `${groups} does not divide ${undivided.join(' and ')}`;
  return `groups must divide the input channels and the filters, but ${misfit}`;
}

export const groupsWithWhitening = 'whitening filters need groups of 1: they read every input channel';

export const whiteningNotFirst =
  'whitening filters are computed from the images, so only the first layer can have them';

export const whiteningPatchTooLarge = (values: number): string =>
  `a patch of ${values} values is too large to whiten; use a kernel of at most ${maxWhitenedValues} values, ` +
  'channels included';

export const whiteningFilters = (values: number): string =>
  `whitening filters come in pairs, two for each of the ${values} values of a patch: use an even number of at most ` +
  `${2 * values}`;

export const reductionTooLarge = (reduction: number, channels: number): string =>
  `a reduction of ${reduction} leaves no unit for ${channels} channels; use one of at most ${channels}`;

export const residualMisfit = (input: Shape, output: Shape): string =>
  `a residual adds its input, ${describeShape(input)}, to the output of its layers, ${describeShape(output)}; ` +
  `both must have the same shape${residualRemedy(input, output)}`;

function residualRemedy(input: Shape, output: Shape): string {
  const width = input.at(-1) ?? Number.NaN;
  if (Number.isNaN(width) || isMap(input) !== isMap(output)) return '';
  if (!isMap(input)) return `: end it with {"type": "dense", "units": ${width}}`;
  return `: use padding: same and stride 1, and ${width} filters in its last convolution`;
}

export function branchMisfit(first: Shape, branch: Shape): string {
  const misfit = `outputs ${describeShape(branch)} but the first branch ${describeShape(first)}`;
  if (isMap(first) !== isMap(branch)) return `${misfit}; a concatenate joins either maps or flat values`;
  return `${misfit}; a concatenate joins maps of equal height and width: use padding: same, and equal strides in all`;
}

export const tooManyChannels = (channels: number): string =>
  `have ${channels} channels together, more than the ${maxChannels} that a concatenate may output; ` +
  'end branches with a conv2d or dense of fewer filters or units';

export function wrongEnd(shape: Shape, classes: number): string {
  const start = isMap(shape) ? 'a flatten and then ' : '';
  return (
    `the last layer must output ${classes} values, one per class, but outputs ${describeShape(shape)}; ` +
    `end with ${start}{"type": "dense", "units": ${classes}}`
  );
}

export const nothingToTrain = 'has nothing to train; add a dense or conv2d layer';

/** Names the layer with the most weights. */
export function tooManyWeights(layers: readonly ResolvedLayer[]): string {
  const counted = layers.map((layer) => ({ pointer: layer.pointer, count: countWeights(layer) }));
  const largest = counted.reduce((a, b) => (b.count > a.count ? b : a));
  const all = counted.reduce((sum, { count }) => sum + count, 0);
  return (
    `has ${millions(all)} weights, more than the ${millions(maxWeights)} allowed; ` +
    `make ${largest.pointer.slice(1)} smaller (${millions(largest.count)}) or pool before it`
  );
}

const countWeights = (layer: ResolvedLayer): number =>
  layer.weights.reduce((sum, { shape }) => sum + elementCount(shape), 0);

const millions = (count: number): string => `${Math.round(count / 1e6)} million`;
