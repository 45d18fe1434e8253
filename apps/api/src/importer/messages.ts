import { importOptionsSchema } from '@trainyard/contracts';
import { z } from 'zod';

/** What the API sends to the process that imports. */
export const importCommandSchema = z.object({
  /** Folder of all datasets. */
  root: z.string(),
  project: z.string(),
  /** The uploaded file; with `url` it is downloaded to this path first. */
  file: z.string(),
  url: z.string().nullable(),
  /** Name of the file or URL, for people. */
  label: z.string(),
  origin: z.string(),
  options: importOptionsSchema,
  /** Bytes that the project may still use. */
  bytesLeft: z.number().nullable(),
  allowPrivateUrls: z.boolean(),
});
export type ImportCommand = z.infer<typeof importCommandSchema>;
