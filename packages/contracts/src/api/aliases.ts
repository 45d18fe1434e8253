import { z } from 'zod';
import { apiKeyIdSchema, jobIdSchema } from '../ids.js';
import { textSchema } from '../text.js';
import { checkpointRefSchema } from './jobs.js';

/** Aliases of an experiment. */
export const maxAliases = 100;
/** The newest moves of an alias that are listed. */
export const maxAliasMoves = 100;

export const aliasNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be 1 to 64 lower-case letters, digits or "-", a letter first');

export const experimentParamsSchema = z.object({ name: textSchema.min(1).max(200) });
export const aliasParamsSchema = experimentParamsSchema.extend({ alias: aliasNameSchema });

/** Where an alias is to point. */
export const aliasBodySchema = z.strictObject({
  /** A job of the experiment that has ended. */
  jobId: jobIdSchema,
  /** best, last or an epoch; the alias keeps the epoch that this is now. */
  checkpoint: checkpointRefSchema.default('best'),
});
export type AliasBody = z.input<typeof aliasBodySchema>;

/** A name for one checkpoint among those of an experiment, such as `champion`. */
export const aliasSchema = z.object({
  experiment: z.string(),
  alias: z.string(),
  jobId: jobIdSchema,
  epoch: z.int(),
  /** Digest of the checkpoint's `weights.bin` when the alias was moved. */
  weightsSha256: z.string(),
  /** The key that moved it. */
  keyId: apiKeyIdSchema,
  movedAt: z.iso.datetime(),
});
export type Alias = z.infer<typeof aliasSchema>;

/** A move of an alias; `jobId` is null where it was removed. */
export const aliasMoveSchema = aliasSchema
  .pick({ keyId: true, movedAt: true })
  .extend({ jobId: jobIdSchema.nullable(), epoch: z.int().nullable(), weightsSha256: z.string().nullable() });
export type AliasMove = z.infer<typeof aliasMoveSchema>;

export const aliasWithHistorySchema = aliasSchema.extend({
  /** The newest 100 moves, newest first. */
  history: z.array(aliasMoveSchema),
});
export type AliasWithHistory = z.infer<typeof aliasWithHistorySchema>;
