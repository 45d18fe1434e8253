import { z } from 'zod';

/** Two bounds of a draw, the lower one first. */
const bounds = (least: number, most: number) =>
  z
    .tuple([z.number().min(least).max(most), z.number().min(least).max(most)])
    .refine(([low, high]) => low <= high, 'must have the lower bound first');

/** Szegedy et al. 2014 (arXiv 1409.4842); see `augmentation.resizedCrop`. */
export const resizedCropSchema = z.strictObject({
  /** Share of the image's area, drawn evenly between these bounds. */
  scale: bounds(0.01, 1).default([0.25, 1]),
  /** Width divided by height in pixels, drawn evenly on a logarithmic scale between these bounds. */
  ratio: bounds(0.1, 10).default([3 / 4, 4 / 3]),
});

/**
 * Random changes of light and colour, as torchvision's ColorJitter, in this order. Brightness, contrast and saturation
 * are multiplied by a factor drawn evenly from 1 - value to 1 + value; the hue moves by a share of the colour wheel
 * drawn evenly from -value to value. 0: no change. Saturation and hue need images of three channels.
 */
export const colorJitterSchema = z.strictObject({
  brightness: z.number().min(0).max(1).default(0),
  contrast: z.number().min(0).max(1).default(0),
  saturation: z.number().min(0).max(1).default(0),
  hue: z.number().min(0).max(0.5).default(0),
});

/** Of Beta(alpha, alpha): 1 is even; below 1 most draws are near 0 or 1, above 1 near 1/2. */
const mixingAlpha = z.number().min(0.05).max(4);

export const augmentationSchema = z.strictObject({
  /**
   * Cuts a part of random size, proportions and place out of each image, and enlarges it to the size of the image
   * (bilinear). A side that would be longer than the image's is as long as that. Done before all others.
   */
  resizedCrop: resizedCropSchema.nullable().default(null),
  /** Done after `resizedCrop`. */
  colorJitter: colorJitterSchema.nullable().default(null),
  /**
   * true: mirror each image left to right with probability 1/2; alternating: draw once for each image whether it is
   * mirrored in the odd or in the even epochs (Jordan 2024), so that two consecutive epochs show each image both ways.
   */
  flip: z.union([z.boolean(), z.literal('alternating')]).default(false),
  /** Shift by up to this many pixels in each direction. */
  translate: z.int().min(0).max(16).default(0),
  /** Fills the pixels that a shift uncovers: zero after normalisation, or the image reflected at its border. */
  border: z.enum(['zero', 'reflect']).default('zero'),
  /**
   * Side of a square set to zero after normalisation, centre drawn inside the image; 0: off (DeVries and Taylor 2017).
   */
  cutout: z.int().min(0).max(64).default(0),
  /**
   * Blends each image of a batch, and its target, with another of the batch (Zhang et al. 2018, arXiv 1710.09412):
   * lambda of the image and 1 - lambda of the other, with lambda drawn for each batch from Beta(alpha, alpha). Done
   * after all others; the other of image i of a batch of B is image B - 1 - i. The training accuracy counts the image's
   * own class.
   */
  mixup: z
    .strictObject({ alpha: mixingAlpha.default(0.2) })
    .nullable()
    .default(null),
  /**
   * Puts a rectangle of another image of the batch into each image (Yun et al. 2019, arXiv 1905.04899); the target has
   * both classes by their areas. The rectangle covers about 1 - lambda of the image, lambda drawn for each batch from
   * Beta(alpha, alpha); its centre is drawn evenly, and it is cut at the border. With `mixup` too, each batch gets one
   * of the two with probability 1/2.
   */
  cutmix: z
    .strictObject({ alpha: mixingAlpha.default(1) })
    .nullable()
    .default(null),
});
export type Augmentation = z.output<typeof augmentationSchema>;

/**
 * Averaging of the logits in validation and test. none: the logits of the image; mirror: the mean over the image and
 * its mirror image; mirrorTranslate: half of that mean, plus half the mean of the same for the image shifted
 * by (-1, -1) and by (1, 1) pixels, reflected at its border.
 */
export const testAugmentationSchema = z.enum(['none', 'mirror', 'mirrorTranslate']);

export const channelNormalizationSchema = z.strictObject({
  mean: z.array(z.number()).min(1).max(4),
  std: z.array(z.number().gt(0)).min(1).max(4),
});

/** half: mean and std 0.5; dataset: those of the training split; or one number per channel, for pixels in [0, 1]. */
export const normalizationSchema = z.union([z.enum(['half', 'dataset']), channelNormalizationSchema]);
export type Normalization = z.output<typeof normalizationSchema>;
