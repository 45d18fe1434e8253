import { z } from 'zod';

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
  testImages: z.int(),
  /** Of the training split. */
  ...channelMomentsSchema.shape,
  bytes: z.int(),
  /** Where it came from, for people: a file name, a URL, or `generated`. */
  source: z.string(),
  importedAt: z.iso.datetime(),
});
export type Dataset = z.infer<typeof datasetSchema>;
