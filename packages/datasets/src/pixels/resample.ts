import type { Raster } from './raster.js';

/*
 * The bilinear resize of Pillow (src/libImaging/Resample.c), which gives the same pixels to the last bit: a triangle
 * filter, as wide as the reduction asks for, first along rows and then along columns, in fixed-point arithmetic, with
 * eight bits between the two.
 */

/** The part of an image that is scaled, in pixels; the edges may lie between two pixels. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const precisionBits = 32 - 8 - 2;
const half = 1 << (precisionBits - 1);

/** For each output position: where the input pixels begin and how many there are, and their weights. */
interface Weights {
  starts: Int32Array;
  counts: Int32Array;
  /** `[output, taps]` */
  values: Int32Array;
  taps: number;
}

/** @returns the box of an image, scaled to `width` and `height` */
export function resample(image: Raster, width: number, height: number, box: Box = wholeOf(image)): Raster {
  const rows = weightsFor(image.height, box.top, box.bottom, height);
  const alongRows = width !== image.width || box.left !== 0 || box.right !== width;
  const alongColumns = height !== image.height || box.top !== 0 || box.bottom !== height;
  if (!alongRows) return alongColumns ? scaleColumns(image, rows, height) : image;
  if (!alongColumns) return scaleRows(image, weightsFor(image.width, box.left, box.right, width), width);
  // Only the rows that the columns' filter reads are scaled.
  const first = rows.starts[0] ?? 0;
  const end = (rows.starts[height - 1] ?? 0) + (rows.counts[height - 1] ?? 0);
  const stride = image.width * image.channels;
  const needed = { ...image, height: end - first, data: image.data.subarray(first * stride, end * stride) };
  const narrow = scaleRows(needed, weightsFor(image.width, box.left, box.right, width), width);
  for (let i = 0; i < height; i++) rows.starts[i] = (rows.starts[i] ?? 0) - first;
  return scaleColumns(narrow, rows, height);
}

function wholeOf({ width, height }: Raster): Box {
  return { left: 0, top: 0, right: width, bottom: height };
}

/** Positions as Pillow rounds them: the box in 32 bits, the rest in 64. */
function weightsFor(inputSize: number, from: number, to: number, outputSize: number): Weights {
  const start = Math.fround(from);
  const scale = Math.fround(Math.fround(to) - start) / outputSize;
  const support = Math.max(scale, 1);
  const taps = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(outputSize);
  const counts = new Int32Array(outputSize);
  const values = new Int32Array(outputSize * taps);
  const line = new Float64Array(taps);
  for (let output = 0; output < outputSize; output++) {
    const center = start + (output + 0.5) * scale;
    const first = Math.max(Math.trunc(center - support + 0.5), 0);
    const count = Math.min(Math.trunc(center + support + 0.5), inputSize) - first;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const weight = Math.max(1 - Math.abs((i + first - center + 0.5) * (1 / support)), 0);
      line[i] = weight;
      sum += weight;
    }
    for (let i = 0; i < count; i++) {
      const weight = sum === 0 ? 0 : (line[i] ?? 0) / sum;
      values[output * taps + i] = Math.trunc(weight * (1 << precisionBits) + 0.5);
    }
    starts[output] = first;
    counts[output] = count;
  }
  return { starts, counts, values, taps };
}

function scaleRows(image: Raster, { starts, counts, values, taps }: Weights, width: number): Raster {
  const { height, channels, data } = image;
  const scaled = new Uint8Array(width * height * channels);
  const stride = image.width * channels;
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = y * stride + (starts[x] as number) * channels;
      const count = counts[x] as number;
      for (let channel = 0; channel < channels; channel++) {
        let sum = half;
        let at = from + channel;
        for (let i = x * taps, end = i + count; i < end; i++, at += channels) {
          sum += (data[at] as number) * (values[i] as number);
        }
        scaled[to++] = clip(sum);
      }
    }
  }
  return { width, height, channels, data: scaled };
}

function scaleColumns(image: Raster, { starts, counts, values, taps }: Weights, height: number): Raster {
  const { width, channels, data } = image;
  const stride = width * channels;
  const scaled = new Uint8Array(stride * height);
  const sums = new Int32Array(stride);
  for (let y = 0; y < height; y++) {
    sums.fill(half);
    let at = (starts[y] as number) * stride;
    for (let i = 0; i < (counts[y] as number); i++) {
      const weight = values[y * taps + i] as number;
      for (let x = 0; x < stride; x++, at++) sums[x] = (sums[x] as number) + (data[at] as number) * weight;
    }
    for (let x = 0; x < stride; x++) scaled[y * stride + x] = clip(sums[x] as number);
  }
  return { width, height, channels, data: scaled };
}

function clip(sum: number): number {
  const value = sum >> precisionBits;
  if (value < 0) return 0;
  return Math.min(value, 255);
}
