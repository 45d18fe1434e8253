import { z } from 'zod';
import { type LimitName, limitNameSchema } from './api/keys.js';

/** One fault of an input: its place (JSON pointer of RFC 6901, without the leading `#`) and what to change. */
export const faultSchema = z.object({ pointer: z.string(), detail: z.string() });
export type Fault = z.infer<typeof faultSchema>;

/** Machine-readable codes of problems. They are stable: clients may switch on them. */
export const problemCodeSchema = z.enum([
  'invalid_input',
  'invalid_spec',
  'unauthorized',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'conflict',
  'precondition_failed',
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
  /** The limit of the key that was reached; the Retry-After header says when to retry. */
  limit: limitNameSchema.optional(),
  requestId: z.string().optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/**
 * Base class of every error that a user may see. The API's error handler turns it into an HTTP problem, the CLI into an
 * exit code.
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

/** Input that the user can correct; lists every fault, not only the first. */
export class InvalidInputError extends TrainyardError {
  constructor(message: string, faults: Fault[] = [], code: 'invalid_input' | 'invalid_spec' = 'invalid_input') {
    super(code, message, faults);
  }
}

/**
 * A server that a setting names, or the setting itself, cannot be used. The message is one sentence that begins with
 * the setting's name, like `REDIS_URL leads to a Redis Cluster, …`, and says what to change. A process that cannot
 * start because of it prints the message alone.
 */
export class SettingError extends TrainyardError {
  constructor(
    readonly setting: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super('unavailable', `${setting} ${message}`, [], options);
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

/** If-Match named another version of the resource than the present one. */
export class PreconditionError extends TrainyardError {
  constructor(message: string) {
    super('precondition_failed', message);
  }
}
