import type { Layer } from '@trainyard/contracts';

/**
 * Shapes without the batch: `[height, width, channels]` or `[units]`. A size that a faulty layer leaves unknown is NaN:
 * every comparison with it is false, so that checks of later layers never fire on a guess.
 */
export type Shape = number[];
export type MapShape = [height: number, width: number, channels: number];
export type Sides = { top: number; bottom: number; left: number; right: number };

export const noPadding: Sides = { top: 0, bottom: 0, left: 0, right: 0 };

export const isMap = (shape: Shape): shape is MapShape => shape.length === 3;
export const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
export const formatShape = (shape: readonly number[]): string => shape.join('x');

/** e.g. `a 5x5`, `an 8x8` */
export function withArticle(sizes: readonly number[]): string {
  const text = formatShape(sizes);
  return `${/^(8|11x|18x)/.test(text) ? 'an' : 'a'} ${text}`;
}

/** e.g. `a 5x5x16 map` or `400 values`; without the sizes where one is not known. */
export function describeShape(shape: Shape): string {
  const known = !shape.some(Number.isNaN);
  if (isMap(shape)) return known ? `${withArticle(shape)} map` : 'a map';
  return known ? `${formatShape(shape)} values` : 'flat values';
}

/** Equal as far as both are known. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, i) => Number.isNaN(size) || Number.isNaN(b[i]) || size === b[i]);

/** (W - F + P)/S + 1, rounded down, with P the padding of both sides together; less than 1: the window does not fit. */
export const outputSize = (input: number, window: number, stride: number, padding: number): number =>
  Math.floor((input - window + padding) / stride) + 1;

type Conv2d = Extract<Layer, { type: 'conv2d' }>;

/** Padding that gives ceil(input/stride) outputs; an odd pixel goes to the end, as TensorFlow does. */
function samePadding(input: number, kernel: number, stride: number): [before: number, after: number] {
  const total = Math.max((Math.ceil(input / stride) - 1) * stride + kernel - input, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

export function convolutionPadding(layer: Conv2d, [height, width]: MapShape): Sides {
  if (typeof layer.padding === 'number') {
    const p = layer.padding;
    return { top: p, bottom: p, left: p, right: p };
  }
  if (layer.padding === 'valid') return noPadding;
  const [top, bottom] = samePadding(height, layer.kernel[0], layer.stride[0]);
  const [left, right] = samePadding(width, layer.kernel[1], layer.stride[1]);
  return { top, bottom, left, right };
}

export function convolutionOutput(layer: Conv2d, input: MapShape, padding: Sides): MapShape {
  return [
    outputSize(input[0], layer.kernel[0], layer.stride[0], padding.top + padding.bottom),
    outputSize(input[1], layer.kernel[1], layer.stride[1], padding.left + padding.right),
    layer.filters,
  ];
}

type Pool = Extract<Layer, { type: 'maxPool' | 'avgPool' }>;

/** Pools have no padding: rows and columns that fill no window are dropped. */
export function poolOutput(pool: Pool, input: MapShape): MapShape {
  return [
    outputSize(input[0], pool.size[0], pool.stride[0], 0),
    outputSize(input[1], pool.size[1], pool.stride[1], 0),
    input[2],
  ];
}
