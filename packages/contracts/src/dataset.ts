import { z } from 'zod';
import { datasetNameSchema } from './spec/datasetChoice.js';
import { textSchema } from './text.js';

/** Mean and standard deviation of pixels scaled to [0, 1], one number per channel. */
export const channelMomentsSchema = z.object({ mean: z.array(z.number()), std: z.array(z.number()) });
export type ChannelMoments = z.infer<typeof channelMomentsSchema>;

/** An imported dataset in the packed format. The image shape is `[height, width, channels]`, pixels are uint8. */
export const datasetSchema = z.object({
  name: z.string(),
  version: z.int(),
  /** SHA-256 of image shape, classes, images and labels, lower-case hexadecimal: equal content has equal digests. */
  digest: z.string(),
  imageShape: z.tuple([z.int(), z.int(), z.int()]),
  classes: z.array(z.string()),
  trainImages: z.int(),
  /** Images of a validation split of its own; 0: jobs hold training images back. */
  validationImages: z.int().default(0),
  testImages: z.int(),
  /** Of the training split. */
  ...channelMomentsSchema.shape,
  bytes: z.int(),
  /** Where it came from, for people: a file name, a URL, or `generated`. */
  source: z.string(),
  importedAt: z.iso.datetime(),
  /** How the source was understood where there was a choice, one sentence each. */
  notes: z.array(z.string()).default([]),
  /** What is probably not as its owner wants it, one sentence each. */
  warnings: z.array(z.string()).default([]),
});
export type Dataset = z.infer<typeof datasetSchema>;

/**
 * Number of images that are stored together as `train` or as `test`. The validation images of a dataset that has its
 * own are the last of `train`.
 */
export const storedImages = (
  { trainImages, validationImages, testImages }: Pick<Dataset, 'trainImages' | 'validationImages' | 'testImages'>,
  split: 'train' | 'test',
): number => (split === 'train' ? trainImages + validationImages : testImages);

/** Images of each class, in the order of the classes. */
const classCountsSchema = z.object({
  train: z.array(z.int()),
  validation: z.array(z.int()),
  test: z.array(z.int()),
});
export type ClassCounts = z.infer<typeof classCountsSchema>;

/** A file that was left out of an import, and why. */
export const skippedFileSchema = z.object({ name: z.string(), reason: z.string() });
export type SkippedFile = z.infer<typeof skippedFileSchema>;

export const datasetDetailSchema = datasetSchema.extend({
  counts: classCountsSchema,
  /** Files that were left out; the first 1,000 of them. */
  skipped: z.array(skippedFileSchema),
  skippedCount: z.int(),
  /** The options of the import that were given. */
  options: z.record(z.string(), z.unknown()),
});
export type DatasetDetail = z.infer<typeof datasetDetailSchema>;

const size = /^([1-9]\d{0,3})(?:x([1-9]\d{0,3}))?$/;
const colour = /^(?:white|black|#[0-9a-f]{6})$/i;
const share = '(?:0?\\.\\d+|\\d{1,2}(?:\\.\\d+)?%)';

/** How a set is imported. Absent fields: as the source itself says. */
export const importOptionsSchema = z.strictObject({
  /** Name of the dataset; absent: as the source suggests. */
  name: datasetNameSchema.optional(),
  /** Pixels to which all images are brought: one number, or width x height, like `64x48`. */
  size: z.string().regex(size, 'must be pixels, like 64, or width x height, like 64x48').optional(),
  /** How an image of other proportions gets this size: `cover` cuts, `contain` adds background, `stretch` distorts. */
  fit: z.enum(['cover', 'contain', 'stretch']).optional(),
  /** What is put behind transparent pixels and, with `contain`, beside the image. */
  background: z.string().regex(colour, 'must be white, black or a colour like #ff8000').optional(),
  /** 1 makes all images gray, 3 makes all of them colour. */
  channels: z.literal([1, 3]).optional(),
  /** The classes to keep, in the order of their labels. */
  classes: z.array(textSchema.min(1).max(512)).min(2).optional(),
  /** Shares of train and test, or of train, validation and test, which are drawn by seed. */
  split: z
    .string()
    .regex(
      new RegExp(`^${share}/${share}(?:/${share})?$`),
      'must be shares of train/test or train/validation/test, like 0.8/0.2 or 70%/10%/20%',
    )
    .optional(),
  splitSeed: z.int().min(0).max(0xffff_ffff).optional(),
  /** Leaves out what cannot be used: up to 1 % or 10, what is more (true); or at most so many, a number or `5%`. */
  skipBad: z
    .union([z.boolean(), z.int().min(1), z.string().regex(/^\d{1,2}(?:\.\d+)?%$/, 'must be a number or like 5%')])
    .optional(),
  /** Path, within the source, of the CSV file that has the labels. */
  labels: textSchema.min(1).max(512).optional(),
});
export type ImportOptions = z.infer<typeof importOptionsSchema>;
