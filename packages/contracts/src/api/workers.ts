import { z } from 'zod';

export const workerSchema = z.object({
  id: z.string(),
  hostname: z.string(),
  pid: z.int(),
  startedAt: z.iso.datetime(),
  heartbeatAt: z.iso.datetime(),
  alive: z.boolean(),
  /** The job that it trains, and which attempt; null while it is idle. */
  jobId: z.string().nullable(),
  attempt: z.int().nullable(),
  executor: z.string(),
  device: z.string(),
  /**
   * Bytes of memory that it and its trainer may use: the machine's, or the limit of its control group; null: it is of a
   * version that does not report it.
   */
  memoryBytes: z.int().nullable().default(null),
  /** Why it takes no jobs, as when it cannot write its artifacts folder; null: it takes them. */
  fault: z.string().nullable(),
});
export type Worker = z.infer<typeof workerSchema>;
