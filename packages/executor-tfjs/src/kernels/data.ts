import * as tf from '@tensorflow/tfjs-core';
import {
  augmentationDraws,
  type Border,
  type Box,
  type ImageAugmentation,
  philox,
  type Randomness,
} from '@trainyard/program';
import { enlarge } from './enlarge.js';
import { drawLight, jitter, type Light } from './jitter.js';
import type { Kernel } from './kernel.js';

/** The change of one image: a part enlarged, mirrored, shifted by whole pixels, a rectangle cut out. */
interface Change {
  crop: Box | null;
  light: Light | null;
  flip: boolean;
  shiftX: number;
  shiftY: number;
  /** First inclusive, last exclusive; empty without cutout. */
  cutRows: readonly [number, number];
  cutColumns: readonly [number, number];
  border: Border;
}

const unchanged: Change = {
  crop: null,
  light: null,
  flip: false,
  shiftX: 0,
  shiftY: 0,
  cutRows: [0, 0],
  cutColumns: [0, 0],
  border: 'zero',
};

/** The image whose augmentation is drawn, and when. */
interface Place {
  /** In the batch. */
  position: number;
  /** In its split. */
  index: number;
  step: number;
  epoch: number;
}

/** The uint8 set stays on the host, where the batch is assembled in one pass; only the batch becomes a tensor. */
export const gatherImages: Kernel<'gatherImages'> = (op, { host, shape }) => {
  const [batch = 0, height = 0, width = 0, channels = 0] = shape(op.out.y);
  const images = host(op.in.images);
  const indices = host(op.in.indices);
  const scalar = (slot: number | null) => (slot === null ? 0 : (host(slot)[0] as number));
  const [step, epoch] = [scalar(op.in.step), scalar(op.in.epoch)];
  const { augmentation, view } = op;
  const fixed = view
    ? { ...unchanged, flip: view.mirror, shiftX: view.right, shiftY: view.down, border: 'reflect' as const }
    : unchanged;
  const normalized = normalizationTable(op.mean, op.std, channels);
  const imageSize = height * width * channels;
  const count = images.length / imageSize;
  const y = new Float32Array(batch * imageSize);

  const image = new Float32Array(imageSize);
  for (let position = 0; position < batch; position++) {
    const index = indices[position] as number;
    if (index < 0 || index >= count) throw new RangeError(`image index ${index} is outside a set of ${count}`);
    const place = { position, index, step, epoch };
    const change = augmentation ? drawChange(augmentation, op.random, place, height, width) : fixed;
    for (let i = 0; i < imageSize; i++) {
      image[i] = normalized[(i % channels) * 256 + (images[index * imageSize + i] as number)] as number;
    }
    if (change.crop) enlarge(image, change.crop, [height, width, channels]);
    if (change.light) jitter(image, change.light, op);
    for (let row = 0; row < height; row++) {
      const sourceRow = inside(row - change.shiftY, height, change.border);
      if (sourceRow === null) continue;
      const rowIsCut = row >= change.cutRows[0] && row < change.cutRows[1];
      for (let column = 0; column < width; column++) {
        const shifted = inside(column - change.shiftX, width, change.border);
        if (shifted === null) continue;
        if (rowIsCut && column >= change.cutColumns[0] && column < change.cutColumns[1]) continue;
        const sourceColumn = change.flip ? width - 1 - shifted : shifted;
        const source = (sourceRow * width + sourceColumn) * channels;
        const target = position * imageSize + (row * width + column) * channels;
        for (let c = 0; c < channels; c++) y[target + c] = image[source + c] as number;
      }
    }
  }
  return { y: tf.tensor(y, [batch, height, width, channels]) };
};

/** The row or column of an image of this size that appears at `at`; null outside, with border zero. */
function inside(at: number, size: number, border: Border): number | null {
  if (at >= 0 && at < size) return at;
  if (border === 'zero') return null;
  return at < 0 ? -at : 2 * (size - 1) - at;
}

/** (pixel / 255 - mean) / std for every channel and pixel value, `[channels, 256]`. */
function normalizationTable(mean: readonly number[], std: readonly number[], channels: number): Float32Array {
  const pixels = Array.from({ length: 256 }, (_, pixel) => pixel / 255);
  const tables = Array.from({ length: channels }, (_, c) =>
    pixels.map((pixel) => (pixel - (mean[c] as number)) / (std[c] as number)),
  );
  return Float32Array.from(tables.flat());
}

/** Draws as random.ts defines; the cutout's square begins at centre - floor(side / 2) and is clipped at the borders. */
function drawChange(
  { crop, jitter: bounds, flip, translate, border, cutout }: ImageAugmentation,
  random: Randomness,
  place: Place,
  height: number,
  width: number,
): Change {
  const { seed, stream } = random;
  const words = new Uint32Array(16);
  for (const [i, block] of [0, 1, 3, 4].entries()) {
    philox(words, 4 * i, seed, stream, place.position, place.step, block);
  }
  const [a0, a1, a2, , b0, b1] = words as unknown as [number, number, number, number, number, number];
  const left = augmentationDraws.centre(b0, width) - Math.floor(cutout / 2);
  const top = augmentationDraws.centre(b1, height) - Math.floor(cutout / 2);
  return {
    crop: crop && augmentationDraws.crop(words.subarray(8), crop, height, width),
    light: bounds && drawLight(words.subarray(12), bounds),
    flip: flip === 'alternating' ? alternatingFlip(random, place) : flip === 'random' && augmentationDraws.flip(a0),
    shiftX: augmentationDraws.shift(a1, translate),
    shiftY: augmentationDraws.shift(a2, translate),
    cutRows: [top, top + cutout],
    cutColumns: [left, left + cutout],
    border,
  };
}

function alternatingFlip({ seed, stream }: Randomness, { index, epoch }: Place): boolean {
  const words = new Uint32Array(4);
  philox(words, 0, seed, stream, index, 0, 2);
  return augmentationDraws.flip(words[0] as number) !== (epoch % 2 === 1);
}

export const mixImages: Kernel<'mixImages'> = (op, { tensor, host }) => {
  const x = tensor(op.in.x) as tf.Tensor4D;
  const [keep = 1, , top = 0, left = 0, height = 0, width = 0] = host(op.in.mixing);
  const within = (size: number, from: number, length: number) =>
    tf.tensor1d(Array.from({ length: size }, (_, i) => i >= from && i < from + length));
  const rows = tf.reshape(within(x.shape[1], top, height), [1, -1, 1, 1]);
  const columns = tf.reshape(within(x.shape[2], left, width), [1, 1, -1, 1]);
  const mixed = tf.add(tf.mul(x, keep), tf.mul(tf.reverse(x, 0), 1 - keep));
  return { y: tf.where(tf.logicalAnd(rows, columns), mixed, x) };
};

export const gatherLabels: Kernel<'gatherLabels'> = (op, { tensor }) => ({
  y: tf.gather(tensor(op.in.labels), tensor(op.in.indices) as tf.Tensor1D),
});
