import { z } from 'zod';

/** An imported dataset in the packed format. The image shape is `[height, width, channels]`, pixels are uint8. */
export const datasetSchema = z.object({
  name: z.string(),
  version: z.int(),
  /** SHA-256 of the packed file, lower-case hexadecimal. */
  digest: z.string(),
  imageShape: z.tuple([z.int(), z.int(), z.int()]),
  classes: z.array(z.string()),
  trainImages: z.int(),
  testImages: z.int(),
  /** One number per channel, over the pixels of the training split scaled to [0, 1]. */
  mean: z.array(z.number()),
  std: z.array(z.number()),
  bytes: z.int(),
  /** Where it came from, for people: a file name, a URL, or `generated`. */
  source: z.string(),
  importedAt: z.iso.datetime(),
});
export type Dataset = z.infer<typeof datasetSchema>;
