import { z } from 'zod';
import { apiKeyIdSchema } from './ids.js';

/** What a key may do; each role may do what those before it may. */
export const roleSchema = z.enum(['reader', 'submitter', 'admin']);
export type Role = z.infer<typeof roleSchema>;
export const hasRole = (role: Role, least: Role): boolean =>
  roleSchema.options.indexOf(role) >= roleSchema.options.indexOf(least);

export const projectSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 lower-case letters, digits and hyphens, a hyphen not first');

/** The project of the first key, and of everything from before there were projects; its admins manage every project. */
export const defaultProject = 'default';

const count = (least: number) => z.int().min(least).max(1_000_000_000).nullable();

/** What a key may use; null: what the service is configured to grant. */
export const keyLimitsSchema = z.strictObject({
  requestsPerMinute: count(1).default(null),
  /** Jobs of the key that wait at the same time. */
  queuedJobs: count(0).default(null),
  /** Seconds that attempts of the key's jobs may take in a day (UTC); asked when a job is submitted, retried or resumed. */
  trainingSecondsPerDay: count(0).default(null),
});
export type KeyLimits = z.infer<typeof keyLimitsSchema>;

export const limitNameSchema = keyLimitsSchema.keyof();
export type LimitName = z.infer<typeof limitNameSchema>;

const noControlCharacters = /^\P{Cc}*$/u;

export const newKeyBodySchema = z.strictObject({
  /** For people: whose it is, or where it is used. */
  name: z.string().min(1).max(100).regex(noControlCharacters, 'must have no control characters'),
  role: roleSchema.default('submitter'),
  /** Absent: the project of the key that asks. */
  project: projectSchema.optional(),
  limits: keyLimitsSchema.prefault({}),
});
export type NewKeyBody = z.input<typeof newKeyBodySchema>;

export const apiKeySchema = z.object({
  id: apiKeyIdSchema,
  name: z.string(),
  role: roleSchema,
  project: z.string(),
  limits: keyLimitsSchema,
  createdAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
});
export type ApiKey = z.infer<typeof apiKeySchema>;

/** The only answer that ever holds the secret. */
export const createdKeySchema = apiKeySchema.extend({ secret: z.string() });
export type CreatedKey = z.infer<typeof createdKeySchema>;

export const keyParamsSchema = z.object({ id: apiKeyIdSchema });
