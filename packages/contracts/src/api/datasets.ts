import { z } from 'zod';
import { datasetDetailSchema, datasetSchema } from '../dataset.js';
import { datasetNameSchema } from '../spec/datasetChoice.js';
import { queryInteger } from './page.js';

/** Whether all projects can use a dataset, since it was imported on the service's own disk and not over HTTP. */
const ownership = { shared: z.boolean() };

export const listedDatasetSchema = datasetSchema.extend(ownership);
export type ListedDataset = z.infer<typeof listedDatasetSchema>;
export const ownedDatasetDetailSchema = datasetDetailSchema.extend(ownership);
export type OwnedDatasetDetail = z.infer<typeof ownedDatasetDetailSchema>;

export const listDatasetsQuerySchema = z.object({ name: datasetNameSchema.optional() });
export type ListDatasetsQuery = z.output<typeof listDatasetsQuerySchema>;

export const datasetParamsSchema = z.object({ name: datasetNameSchema });

/** Absent: the newest; for a deletion: all. */
const version = queryInteger(1, 999_999_999).optional();
export const datasetQuerySchema = z.object({ version });
export type DatasetQuery = z.output<typeof datasetQuerySchema>;

export const samplesQuerySchema = z.object({
  version,
  split: z.enum(['train', 'validation', 'test']).default('train'),
  /** Name of a class; absent: of all classes. */
  class: z.string().max(512).optional(),
  count: queryInteger(1, 400).default(64),
  columns: queryInteger(1, 100).default(8),
  /** Each pixel becomes a square of so many pixels. */
  scale: queryInteger(1, 8).default(1),
  seed: queryInteger(0, 0xffff_ffff).default(1),
  page: queryInteger(1, 999_999_999).default(1).describe('The images after those of the page before, by the same seed'),
});
export type SamplesQuery = z.output<typeof samplesQuerySchema>;

/** Absent `scale`: images get a width of about 100 pixels, but never less than their own. */
export const samplesPictureQuerySchema = samplesQuerySchema.extend({
  count: queryInteger(1, 400).default(20),
  columns: queryInteger(1, 100).default(10),
  scale: queryInteger(1, 8).optional(),
});
export type SamplesPictureQuery = z.output<typeof samplesPictureQuerySchema>;

/** An image by its index in its split, from 0. */
export const imageParamsSchema = datasetParamsSchema.extend({ image: queryInteger(0, 2 ** 31 - 1) });
export const imageQuerySchema = z.object({ version, split: z.enum(['train', 'validation', 'test']).default('train') });
export type ImageQuery = z.output<typeof imageQuerySchema>;

export const renameDatasetBodySchema = z.strictObject({ name: datasetNameSchema });
