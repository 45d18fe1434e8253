import { z } from 'zod';
import { apiKeyIdSchema, jobIdSchema } from '../ids.js';
import { textSchema } from '../text.js';
import { aliasNameSchema } from './aliases.js';
import { recordDigestSchema, recordFileNameSchema, recordFolderSchema, recordVersion } from './records.js';

export const importRecordQuerySchema = z.object({
  from: textSchema.min(1).max(500).describe('Where the record comes from, for people: the URL of the other service'),
});

/** What became of a record. */
export const importedRecordSchema = z.object({
  id: jobIdSchema,
  /**
   * imported: the job is stored; unchanged: it was there already; incomplete: files are missing, nothing is stored, and
   * the same request stores it once they are sent.
   */
  outcome: z.enum(['imported', 'unchanged', 'incomplete']),
  /** The missing files, as `<folder>/<name>`. */
  missing: z.array(z.string()),
});
export type ImportedRecord = z.infer<typeof importedRecordSchema>;

export const recordFileParamsSchema = z.object({
  id: jobIdSchema,
  folder: recordFolderSchema,
  name: recordFileNameSchema,
});

const epoch = z.int().min(0).max(999_999_999);

export const recordedAliasSchema = z.strictObject({
  alias: aliasNameSchema,
  jobId: jobIdSchema,
  epoch,
  weightsSha256: recordDigestSchema,
  keyId: apiKeyIdSchema,
  movedAt: z.iso.datetime(),
});
export const recordedAliasMoveSchema = z.strictObject({
  alias: aliasNameSchema,
  jobId: jobIdSchema.nullable(),
  epoch: epoch.nullable(),
  weightsSha256: recordDigestSchema.nullable(),
  keyId: apiKeyIdSchema,
  movedAt: z.iso.datetime(),
});

/** Moves of aliases of one experiment in a record, the newest. */
export const maxRecordedMoves = 10_000;

/** The aliases of an experiment, and their moves, oldest first. */
export const experimentRecordSchema = z.strictObject({
  version: z.literal(recordVersion),
  aliases: z.array(recordedAliasSchema),
  moves: z.array(recordedAliasMoveSchema).max(maxRecordedMoves),
});
export type ExperimentRecord = z.infer<typeof experimentRecordSchema>;
