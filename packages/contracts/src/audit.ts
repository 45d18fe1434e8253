import { z } from 'zod';
import { apiKeyIdSchema } from './ids.js';

/** One thing that a key did: who, when, what, on which object, and how it was answered. */
export const auditEntrySchema = z.object({
  at: z.iso.datetime(),
  requestId: z.string(),
  keyId: apiKeyIdSchema,
  /** Of the key. */
  project: z.string(),
  /** Method and route, e.g. `POST /v1/jobs/{id}/cancel`. */
  action: z.string(),
  /** Id of the job or key that it was about; null where it was about none. */
  object: z.string().nullable(),
  /** HTTP status of the answer. */
  status: z.int(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

export const auditQuerySchema = z.object({
  keyId: apiKeyIdSchema.optional(),
  object: z.string().max(64).optional(),
  cursor: z.string().max(512).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type AuditQuery = z.output<typeof auditQuerySchema>;
