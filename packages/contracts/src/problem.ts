import { z } from 'zod';
import { type LimitName, limitNameSchema } from './key.js';

/** One fault of an input: where it is (RFC 6901 JSON pointer, without the leading `#`) and what to change. */
export const faultSchema = z.object({ pointer: z.string(), detail: z.string() });
export type Fault = z.infer<typeof faultSchema>;

/** Stable machine-readable codes of problems; a client may switch on them. */
export const problemCodeSchema = z.enum([
  'invalid_input',
  'invalid_spec',
  'unauthorized',
  'forbidden',
  'not_found',
  'conflict',
  'idempotency_key_reused',
  'payload_too_large',
  'unsupported_media_type',
  'range_not_satisfiable',
  'rate_limited',
  'quota_exceeded',
  'unavailable',
  'internal',
]);
export type ProblemCode = z.infer<typeof problemCodeSchema>;

/** `application/problem+json` (RFC 9457). */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  code: problemCodeSchema,
  errors: z.array(faultSchema).optional(),
  /** Which limit of the key was reached; Retry-After says when to come again. */
  limit: limitNameSchema.optional(),
  requestId: z.string().optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/**
 * Base class of every error that a user may see. One place turns it into an HTTP problem (the API's error handler),
 * one into an exit code (the CLI).
 */
export class TrainyardError extends Error {
  constructor(
    readonly code: ProblemCode,
    message: string,
    readonly faults: Fault[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Input that the user can mend; lists every fault found, not only the first. */
export class InvalidInputError extends TrainyardError {
  constructor(message: string, faults: Fault[] = [], code: 'invalid_input' | 'invalid_spec' = 'invalid_input') {
    super(code, message, faults);
  }
}

/** A limit of the key was reached. */
export class LimitError extends TrainyardError {
  constructor(
    readonly limit: LimitName,
    message: string,
    readonly retryAfterSeconds: number,
  ) {
    super(limit === 'requestsPerMinute' ? 'rate_limited' : 'quota_exceeded', message);
  }
}

export class NotFoundError extends TrainyardError {
  constructor(what: string) {
    super('not_found', `${what} does not exist`);
  }
}

export class ConflictError extends TrainyardError {
  constructor(message: string) {
    super('conflict', message);
  }
}
