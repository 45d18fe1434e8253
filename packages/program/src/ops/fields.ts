import { activationKindSchema } from '@trainyard/contracts';
import { boolean, integer, nullable, number, oneOf, pair, record, type ValueOf } from './declaration.js';

/** Fields that several ops share. */

export const window = record('Window', { size: pair, stride: pair });
export type Window = ValueOf<typeof window>;

export const padding = record('Padding', { top: integer, bottom: integer, left: integer, right: integer });
export type Padding = ValueOf<typeof padding>;

export const convolution = record('Convolution', { stride: pair, dilation: pair, padding, groups: integer });
export type Convolution = ValueOf<typeof convolution>;

export const activation = record('Activation', {
  kind: oneOf('ActivationKind', activationKindSchema.options),
  /** Slope for negative inputs; only leakyRelu reads it. */
  slope: number,
});
export type Activation = ValueOf<typeof activation>;

/**
 * Pixels outside an image. zero: zeros; reflect: pixel -i is pixel i and pixel size-1+i is pixel size-1-i, so that the
 * border pixels are not doubled (PyTorch's and NumPy's `reflect`).
 */
export const border = oneOf('Border', ['zero', 'reflect']);
export type Border = ValueOf<typeof border>;

/** Bounds of the part of an image that is enlarged to the whole: share of the area, and width divided by height. */
export const resizedCrop = record('ResizedCrop', {
  leastScale: number,
  mostScale: number,
  leastRatio: number,
  mostRatio: number,
});
export type ResizedCrop = ValueOf<typeof resizedCrop>;

/** How far light and colour may change; see the spec's field. */
export const colorJitter = record('ColorJitter', {
  brightness: number,
  contrast: number,
  saturation: number,
  hue: number,
});
export type ColorJitter = ValueOf<typeof colorJitter>;

/** Random changes of each image of a batch, made in this order; see augmentationDraws in random.ts. */
export const imageAugmentation = record('ImageAugmentation', {
  crop: nullable(resizedCrop),
  jitter: nullable(colorJitter),
  /** random: by a draw of the step; alternating: by a draw of the image, reversed in odd epochs. */
  flip: oneOf('Flip', ['none', 'random', 'alternating']),
  /** Pixels; with border reflect less than the image's sides. */
  translate: integer,
  border,
  /** Side of the square that is set to zero, in pixels; 0: none. */
  cutout: integer,
});
export type ImageAugmentation = ValueOf<typeof imageAugmentation>;

/** The same change of every image of a batch, mirrored first; pixels from outside are reflected at the border. */
export const imageView = record('ImageView', {
  mirror: boolean,
  /** Pixels by which the contents move; negative: up and left. Less than the image's sides. */
  down: integer,
  right: integer,
});
export type ImageView = ValueOf<typeof imageView>;

/** The draws of an op: Philox4x32-10 keyed by (seed, stream), counted by (element, step); see random.ts. */
export const randomness = record('Randomness', { seed: integer, stream: integer });
export type Randomness = ValueOf<typeof randomness>;
