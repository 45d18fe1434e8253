import { createHash } from 'node:crypto';
import type { Submission } from '@trainyard/db';
import { z } from 'zod';

export const idempotencyHeadersSchema = z.object({
  /** A random text that the client chooses once per job and sends again with each retry of the request. */
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional(),
});

/** @param content what a request that repeats the first one has in common with it */
export function idempotencyOf(
  headers: z.output<typeof idempotencyHeadersSchema>,
  content: unknown,
): Submission['idempotency'] {
  const key = headers['idempotency-key'];
  return key === undefined ? null : { key, bodyHash: hashOf(content) };
}

/** Independent of the order of keys: a client that retries may serialize its body again, in another order. */
const hashOf = (body: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(body)))
    .digest('hex');

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
};
