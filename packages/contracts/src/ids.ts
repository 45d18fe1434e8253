import { z } from 'zod';

/** Prefixed identifiers: `<prefix>_` and 26 lower-case base-32 characters (a UUIDv7, so that ids sort by time). */
export const idSchema = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`), `must be an id like ${prefix}_01h…`);

export const jobIdSchema = idSchema('job');
export const apiKeyIdSchema = idSchema('key');
export const workerIdSchema = idSchema('wrk');
