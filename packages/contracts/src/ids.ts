import { z } from 'zod';

/**
 * TypeIDs (https://github.com/jetify-com/typeid/tree/main/spec): `<prefix>_` and a UUIDv7 as 26 lower-case characters
 * of Crockford's base 32. Ids of one prefix sort by the time of their creation.
 */
export function idSchema(...prefixes: readonly [string, ...string[]]) {
  const prefix = prefixes.length === 1 ? prefixes[0] : `(${prefixes.join('|')})`;
  return z.string().regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`), `must be an id like ${prefixes[0]}_01h…`);
}

export const jobIdSchema = idSchema('job');
export const apiKeyIdSchema = idSchema('key');
export const workerIdSchema = idSchema('wrk');
export const importIdSchema = idSchema('imp');
export const batchPredictionIdSchema = idSchema('prd');
export const uploadIdSchema = idSchema('upl');
