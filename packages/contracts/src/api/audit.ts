import { z } from 'zod';
import { apiKeyIdSchema } from '../ids.js';
import { pageQuerySchema } from './page.js';

/** One request of a key: who, when, which route, which object, and the status of the answer. */
export const auditEntrySchema = z.object({
  at: z.iso.datetime(),
  requestId: z.string(),
  keyId: apiKeyIdSchema,
  /** Of the key. */
  project: z.string(),
  /** Method and route, e.g. `POST /v1/jobs/{id}/cancel`. */
  action: z.string(),
  /** Id of the job or key that the request concerned; null where it concerned none. */
  object: z.string().nullable(),
  /** HTTP status of the answer. */
  status: z.int(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

export const auditQuerySchema = z.object({
  keyId: apiKeyIdSchema.optional(),
  object: z.string().max(64).optional(),
  ...pageQuerySchema.shape,
});
export type AuditQuery = z.output<typeof auditQuerySchema>;
