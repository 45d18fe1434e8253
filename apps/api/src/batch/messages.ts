import { z } from 'zod';

/** What the API sends to the process that classifies a batch. */
export const batchCommandSchema = z.object({
  /** Folder of the artifact store, and the checkpoint's key in it. */
  artifacts: z.string(),
  checkpointKey: z.string(),
  /** Folder of all datasets. */
  datasets: z.string(),
  project: z.string(),
  source: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('dataset'),
      name: z.string(),
      version: z.int(),
      split: z.enum(['train', 'validation', 'test', 'all']),
    }),
    /** `label` is the name of the file for people. */
    z.object({ kind: z.literal('upload'), file: z.string(), label: z.string() }),
  ]),
  /** Of ONNX Runtime. */
  threads: z.int(),
  memoryMegabytes: z.int(),
  /** Of one image. */
  maxPixels: z.int(),
  maxBytes: z.int(),
  /** Of the batch. */
  maxImages: z.int(),
  /** Bytes that the project may still use; null: no limit. */
  bytesLeft: z.number().nullable(),
  /** Where the results are written; it does not exist yet. */
  folder: z.string(),
});
export type BatchCommand = z.infer<typeof batchCommandSchema>;
