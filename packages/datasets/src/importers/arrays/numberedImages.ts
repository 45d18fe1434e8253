import { InvalidInputError } from '@trainyard/contracts';
import type { ImageShape } from '../../packed/format.js';
import type { NumpyArray } from './npy.js';

/** An array of images, whatever its order of axes and its type. */
export interface NumberedImages {
  count: number;
  shape: ImageShape;
  /** How values became pixels where they were no bytes; null: they were. */
  note: string | null;
  images(): Generator<Uint8Array>;
}

interface Axes {
  image: number;
  row: number;
  column: number;
  /** null: gray. */
  channel: number | null;
}

/** @throws InvalidInputError for shapes and types that are no images */
export function numberedImages(array: NumpyArray, file: string): NumberedImages {
  if (!isNumeric(array.values))
    throw new InvalidInputError(`${file} holds texts, not pixels; save the images as uint8`);
  const { axes, array: shaped } = axesOf(array, file);
  const { shape, strides } = shaped;
  const values = array.values;
  const length = (axis: number | null) => (axis === null ? 1 : (shape[axis] as number));
  const stride = (axis: number | null) => (axis === null ? 0 : (strides[axis] as number));
  const imageShape: ImageShape = [length(axes.row), length(axes.column), length(axes.channel)];
  const { toPixel, note } = scaleOf(array.type, values, file);
  return {
    count: length(axes.image),
    shape: imageShape,
    note,
    *images() {
      const [height, width, channels] = imageShape;
      for (let n = 0; n < length(axes.image); n++) {
        const pixels = new Uint8Array(height * width * channels);
        let to = 0;
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            let from = n * stride(axes.image) + y * stride(axes.row) + x * stride(axes.column);
            for (let c = 0; c < channels; c++, from += stride(axes.channel)) {
              pixels[to++] = toPixel(values[from] as number);
            }
          }
        }
        yield pixels;
      }
    },
  };
}

export const isNumeric = (values: NumpyArray['values']): values is ArrayLike<number> =>
  values.length === 0 || typeof values[0] === 'number';

function axesOf(array: NumpyArray, file: string): { axes: Axes; array: Pick<NumpyArray, 'shape' | 'strides'> } {
  const { shape, strides } = array;
  const [, second = 0, , fourth = 0] = shape;
  const isChannels = (size: number) => size === 1 || size === 3 || size === 4;
  if (shape.length === 4 && isChannels(fourth)) return { axes: { image: 0, row: 1, column: 2, channel: 3 }, array };
  if (shape.length === 4 && isChannels(second)) return { axes: { image: 0, row: 2, column: 3, channel: 1 }, array };
  if (shape.length === 3) return { axes: { image: 0, row: 1, column: 2, channel: null }, array };
  const side = Math.round(Math.sqrt(second));
  if (shape.length === 2 && side > 1 && side * side === second) {
    const stride = strides[1] as number;
    const square = { shape: [shape[0] as number, side, side], strides: [strides[0] as number, side * stride, stride] };
    return { axes: { image: 0, row: 1, column: 2, channel: null }, array: square };
  }
  throw new InvalidInputError(
    `${file} has the shape ${shape.join(' x ')}, which is none of images: save it as [images, height, width] or ` +
      '[images, height, width, channels]',
  );
}

/** Bytes stay; other numbers are brought to 0 to 255 by their range. */
function scaleOf(
  type: string,
  values: ArrayLike<number>,
  file: string,
): { toPixel(value: number): number; note: string | null } {
  if (type === 'u1') return { toPixel: (value) => value, note: null };
  if (type === 'b1') return { toPixel: (value) => (value === 0 ? 0 : 255), note: `${file}: true became 255.` };
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value))
      throw new InvalidInputError(`${file} has values that are no numbers (NaN); replace them`);
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  const clamp = (value: number) => Math.max(0, Math.min(255, Math.round(value)));
  const isFloat = type.startsWith('f');
  if (isFloat && lowest >= 0 && highest <= 1) {
    return { toPixel: (value) => clamp(value * 255), note: `${file}: values from 0 to 1 were multiplied by 255.` };
  }
  if (isFloat && lowest >= -1 && highest <= 1) {
    return { toPixel: (value) => clamp((value + 1) * 127.5), note: `${file}: values from -1 to 1 became 0 to 255.` };
  }
  if (lowest >= 0 && highest <= 255) return { toPixel: clamp, note: null };
  if (!isFloat && lowest >= 0 && highest <= 65_535) {
    return { toPixel: (value) => value >> 8, note: `${file}: 16-bit values were divided by 256.` };
  }
  throw new InvalidInputError(
    `${file} has values from ${lowest} to ${highest}; save images as bytes (0 to 255) or as numbers from 0 to 1`,
  );
}

/** Class of each image as text: from numbers, texts, or rows of zeros with a one. @throws InvalidInputError */
export function labelNames({ shape, strides, values }: NumpyArray, file: string): string[] {
  const [count = 0, columns = 1] = shape;
  const at = (row: number, column: number) => row * (strides[0] as number) + column * (strides[1] ?? 0);
  if (shape.length > 2 || shape.length === 0) {
    throw new InvalidInputError(
      `${file} has the shape ${shape.join(' x ')}; labels are [images], or [images, classes] of 0 and 1`,
    );
  }
  if (columns === 1 || shape.length === 1) return Array.from({ length: count }, (_, row) => String(values[at(row, 0)]));
  return Array.from({ length: count }, (_, row) => {
    const set = Array.from({ length: columns }, (_each, column) => column).filter(
      (column) => Number(values[at(row, column)]) === 1,
    );
    if (set.length !== 1) {
      throw new InvalidInputError(`${file} gives image ${row} ${set.length} classes; each image needs exactly one`);
    }
    return String(set[0]);
  });
}

/** Numbers by value, other names by code unit. */
export function sortedClasses(names: Iterable<string>): string[] {
  const all = [...new Set(names)];
  const numeric = all.every((name) => /^-?\d+$/.test(name));
  return numeric ? all.sort((a, b) => Number(a) - Number(b)) : all.sort();
}
