import { z } from 'zod';
import { apiKeyIdSchema } from '../ids.js';

/** What a key may do; each role includes the roles before it. */
export const roleSchema = z.enum(['reader', 'submitter', 'admin']);
export type Role = z.infer<typeof roleSchema>;
export const hasRole = (role: Role, required: Role): boolean =>
  roleSchema.options.indexOf(role) >= roleSchema.options.indexOf(required);

export const projectSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 lower-case letters, digits and hyphens, a hyphen not first');

/**
 * The project of the first key, and of everything that older versions created without a project. Its admins manage
 * every project.
 */
export const defaultProject = 'default';

const limit = (min: number) => z.int().min(min).max(1_000_000_000).nullable();

/** How much a key may use; null: the limit in the service's configuration. */
export const keyLimitsSchema = z.strictObject({
  requestsPerMinute: limit(1).default(null),
  /** Number of the key's jobs that may be queued at the same time. */
  queuedJobs: limit(0).default(null),
  /**
   * Seconds that attempts of the key's jobs may take in a day (UTC); checked when a job is submitted, retried or
   * resumed.
   */
  trainingSecondsPerDay: limit(0).default(null),
});
export type KeyLimits = z.infer<typeof keyLimitsSchema>;

export const limitNameSchema = keyLimitsSchema.keyof();
export type LimitName = z.infer<typeof limitNameSchema>;

/** Without classes of Unicode, which the regular expressions of Python and others lack: it is in the document. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that names must not have.
const noControlCharacters = /^[^\x00-\x1f\x7f-\x9f]*$/;

export const newKeyBodySchema = z.strictObject({
  /** For people: the key's owner, or where it is used. */
  name: z.string().min(1).max(100).regex(noControlCharacters, 'must have no control characters'),
  role: roleSchema.default('submitter'),
  /** Absent: the project of the key that sends the request. */
  project: projectSchema.optional(),
  limits: keyLimitsSchema.prefault({}),
  /** From then on the key is refused; null: never. */
  expiresAt: z.iso
    .datetime({ offset: true })
    .refine((time) => Date.parse(time) > Date.now(), 'must be in the future')
    .nullable()
    .default(null),
});
export type NewKeyBody = z.input<typeof newKeyBodySchema>;

export const apiKeySchema = z.object({
  id: apiKeyIdSchema,
  name: z.string(),
  role: roleSchema,
  project: z.string(),
  limits: keyLimitsSchema,
  createdAt: z.iso.datetime(),
  /** From then on the key is refused; null: never. */
  expiresAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
});
export type ApiKey = z.infer<typeof apiKeySchema>;

/** The only answer that contains the secret. */
export const createdKeySchema = apiKeySchema.extend({ secret: z.string() });
export type CreatedKey = z.infer<typeof createdKeySchema>;

export const keyParamsSchema = z.object({ id: apiKeyIdSchema });
