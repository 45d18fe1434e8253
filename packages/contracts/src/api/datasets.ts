import { z } from 'zod';
import { datasetDetailSchema, datasetSchema } from '../dataset.js';
import { datasetNameSchema } from '../spec/datasetChoice.js';

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
const version = z.coerce.number().int().min(1).max(999_999_999).optional();
export const datasetQuerySchema = z.object({ version });
export type DatasetQuery = z.output<typeof datasetQuerySchema>;

export const samplesQuerySchema = z.object({
  version,
  split: z.enum(['train', 'validation', 'test']).default('train'),
  /** Name of a class; absent: of all classes. */
  class: z.string().max(512).optional(),
  count: z.coerce.number().int().min(1).max(400).default(64),
  columns: z.coerce.number().int().min(1).max(100).default(8),
  /** Each pixel becomes a square of so many pixels. */
  scale: z.coerce.number().int().min(1).max(8).default(1),
  seed: z.coerce.number().int().min(0).max(0xffff_ffff).default(1),
});
export type SamplesQuery = z.output<typeof samplesQuerySchema>;

export const renameDatasetBodySchema = z.strictObject({ name: datasetNameSchema });
