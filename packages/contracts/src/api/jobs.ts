import { z } from 'zod';
import { checkpointFormatSchema } from '../checkpoint.js';
import { jobIdSchema } from '../ids.js';
import { jobStateSchema } from '../job.js';
import { jobSpecSchema } from '../spec/spec.js';
import { filterSchema, pageQuerySchema, queryFlag, queryInteger, tableFormatSchema } from './page.js';

export const submitQuerySchema = z.object({ dryRun: queryFlag });

/** A query has a single value as a text, and several as an array. */
const oneOrMoreStates = z.preprocess((v) => (typeof v === 'string' ? [v] : v), z.array(jobStateSchema)).optional();

export const listJobsQuerySchema = z.object({
  state: oneOrMoreStates,
  experiment: z.string().max(200).optional(),
  architecture: z.string().max(64).optional(),
  filter: filterSchema.optional(),
  ...pageQuerySchema.shape,
});
export type ListJobsQuery = z.output<typeof listJobsQuerySchema>;

export const jobParamsSchema = z.object({ id: jobIdSchema });
export const checkpointRefSchema = z.string().regex(/^(best|last|[1-9][0-9]{0,5})$/, 'must be best, last or an epoch');
export const checkpointParamsSchema = z.object({ id: jobIdSchema, ref: checkpointRefSchema });
export const downloadQuerySchema = z.object({ format: checkpointFormatSchema.default('tfjs') });

/** Sequence number of an event, as a client sends it; the maximum is that of its column in the database. */
export const sequenceSchema = queryInteger(0, 2 ** 31 - 1);

export const eventsQuerySchema = z.object({
  after: sequenceSchema.default(0).describe('Only events with a greater sequence number'),
  limit: queryInteger(1, 1000).default(100),
});

export const logsQuerySchema = eventsQuerySchema.extend({
  tail: queryInteger(1, 1000).optional().describe('Only the last so many lines; `limit` is ignored then'),
});

export const metricsQuerySchema = z.object({ format: tableFormatSchema });

const { name, tags, notes, priority } = jobSpecSchema.shape;

/**
 * What may change after the submission, as a JSON merge patch (RFC 7396): what it leaves out stays, null resets to the
 * default of a spec. A text, a list and a number replace what was there.
 */
export const jobPatchSchema = z.strictObject({
  name: name.unwrap().optional(),
  tags: tags.unwrap().nullable().optional(),
  notes: notes.unwrap().nullable().optional(),
  priority: priority.unwrap().nullable().optional(),
});
export type JobPatch = z.output<typeof jobPatchSchema>;
