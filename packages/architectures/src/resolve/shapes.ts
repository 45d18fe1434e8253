import type { Layer } from '@trainyard/contracts';

/**
 * Shapes exclude the batch: `[height, width, channels]` or `[units]`. A size that a faulty layer leaves unknown is NaN:
 * every comparison with NaN is false, so that the checks of later layers never report a fault because of a guess.
 */
export type Shape = number[];
export type MapShape = [height: number, width: number, channels: number];
export type Sides = { top: number; bottom: number; left: number; right: number };

export const noPadding: Sides = { top: 0, bottom: 0, left: 0, right: 0 };

export const isMap = (shape: Shape): shape is MapShape => shape.length === 3;

/** Number of values in an array of this shape; 1 for `[]`. */
export const elementCount = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Equal in every size that both know. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, i) => Number.isNaN(size) || Number.isNaN(b[i]) || size === b[i]);

/**
 * (W - F + P)/S + 1, rounded down, with P the padding of both sides together; below 1 where the window does not fit.
 */
export const outputSize = (input: number, window: number, stride: number, padding: number): number =>
  Math.floor((input - window + padding) / stride) + 1;

/** Whether a window of `[height, width]` fits on the padded map at least once. */
export function windowFits([height, width]: [number, number], map: MapShape, padding: Sides): boolean {
  const tooHigh = height > map[0] + padding.top + padding.bottom;
  const tooWide = width > map[1] + padding.left + padding.right;
  return !(tooHigh || tooWide);
}

type Conv2d = Extract<Layer, { type: 'conv2d' }>;

/** Padding that leads to ceil(input/stride) outputs; an odd pixel goes to the end, as in TensorFlow. */
function samePadding(input: number, kernel: number, stride: number): [before: number, after: number] {
  const total = Math.max((Math.ceil(input / stride) - 1) * stride + kernel - input, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/** Height and width that a kernel covers: (k - 1) dilation + 1. */
export const coveredBy = ({ kernel, dilation }: Conv2d): [number, number] => [
  (kernel[0] - 1) * dilation[0] + 1,
  (kernel[1] - 1) * dilation[1] + 1,
];

export function convolutionPadding(layer: Conv2d, [height, width]: MapShape): Sides {
  if (typeof layer.padding === 'number') {
    const p = layer.padding;
    return { top: p, bottom: p, left: p, right: p };
  }
  if (layer.padding === 'valid') return noPadding;
  const covered = coveredBy(layer);
  const [top, bottom] = samePadding(height, covered[0], layer.stride[0]);
  const [left, right] = samePadding(width, covered[1], layer.stride[1]);
  return { top, bottom, left, right };
}

function convolutionOutput(layer: Conv2d, input: MapShape, padding: Sides): MapShape {
  const covered = coveredBy(layer);
  return [
    outputSize(input[0], covered[0], layer.stride[0], padding.top + padding.bottom),
    outputSize(input[1], covered[1], layer.stride[1], padding.left + padding.right),
    layer.filters,
  ];
}

type Pool = Extract<Layer, { type: 'maxPool' | 'avgPool' }>;

/** Pools have no padding: rows and columns that do not fill a window are dropped. */
function poolOutput(pool: Pool, input: MapShape): MapShape {
  return [
    outputSize(input[0], pool.size[0], pool.stride[0], 0),
    outputSize(input[1], pool.size[1], pool.stride[1], 0),
    input[2],
  ];
}

/** The types of layers that take a map of height, width and channels. */
export const needsMap: ReadonlySet<Layer['type']> = new Set([
  'conv2d',
  'maxPool',
  'avgPool',
  'globalAvgPool',
  'spatialDropout',
  'squeezeExcite',
]);

/** Output of a layer that fits its input. */
export function outputOf(layer: Layer, input: Shape): Shape {
  switch (layer.type) {
    case 'conv2d':
      return isMap(input) ? convolutionOutput(layer, input, convolutionPadding(layer, input)) : input;
    case 'maxPool':
    case 'avgPool':
      return isMap(input) ? poolOutput(layer, input) : input;
    case 'globalAvgPool':
      return input.slice(-1);
    case 'flatten':
      return [elementCount(input)];
    case 'dense':
      return [layer.units];
    // The walk joins the outputs of its branches: see concatenate.ts.
    case 'concatenate':
    case 'residual':
    case 'squeezeExcite':
    case 'batchNorm':
    case 'activation':
    case 'dropout':
    case 'spatialDropout':
    case 'scale':
      return input;
  }
}

/** The shape that the walk continues with after a layer that does not fit. */
export function likelyOutput(layer: Layer, input: Shape): Shape {
  if (layer.type === 'dense') return [layer.units];
  if (layer.type === 'conv2d' && isMap(input)) return [input[0], input[1], layer.filters];
  return input;
}

/** After a layer of unknown shape: the input that this layer needs; null where it takes any. */
export function likelyInput(layer: Layer): Shape | null {
  if (needsMap.has(layer.type)) return [Number.NaN, Number.NaN, Number.NaN];
  return layer.type === 'dense' || layer.type === 'flatten' ? [Number.NaN] : null;
}

/** Fields that decide the height and width of an output. */
const windowFields = ['kernel', 'size', 'stride', 'dilation', 'padding'];
export const hasUnknownWindow = (unknown: ReadonlySet<string>): boolean =>
  windowFields.some((field) => unknown.has(field));

/** An output shape without the sizes that follow from refused fields. */
export function forgetUnknown(shape: Shape, unknown: ReadonlySet<string>): Shape {
  const known = [...shape];
  if (unknown.has('units') || unknown.has('filters')) known[known.length - 1] = Number.NaN;
  if (known.length === 3 && hasUnknownWindow(unknown)) known[0] = known[1] = Number.NaN;
  return known;
}
