import { z } from 'zod';
import { jobIdSchema } from '../ids.js';
import { jobStateSchema } from '../job.js';
import { jobSpecSchema, maxTags, tagSchema } from '../spec/spec.js';
import { filterSchema, pageQuerySchema, queryFlag, queryInteger, sortSchema, tableFormatSchema } from './page.js';

export const submitQuerySchema = z.object({ dryRun: queryFlag });

/** A query has a single value as a text, and several as an array. */
const oneOrMoreStates = z.preprocess((v) => (typeof v === 'string' ? [v] : v), z.array(jobStateSchema)).optional();

export const listJobsQuerySchema = z.object({
  state: oneOrMoreStates,
  experiment: z.string().max(200).optional(),
  architecture: z.string().max(64).optional(),
  filter: filterSchema.optional(),
  /** Any field of a filter, such as finished or validation.loss; after `-` the highest first. */
  sort: sortSchema.default('-created'),
  ...pageQuerySchema.shape,
});
export type ListJobsQuery = z.output<typeof listJobsQuerySchema>;

/** Seconds: below the 60 of common proxies there is room for the answer. */
export const maxWaitSeconds = 60;
export const getJobQuerySchema = z.object({
  wait: queryInteger(0, maxWaitSeconds)
    .default(0)
    .describe('Answer when the job has ended, at the latest after so many seconds; see the description'),
});
export type GetJobQuery = z.output<typeof getJobQuerySchema>;

export const jobParamsSchema = z.object({ id: jobIdSchema });
export const checkpointRefSchema = z.string().regex(/^(best|last|[1-9][0-9]{0,5})$/, 'must be best, last or an epoch');
export const checkpointParamsSchema = z.object({ id: jobIdSchema, ref: checkpointRefSchema });

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

export const bulkActionSchema = z.enum(['cancel', 'retry', 'delete', 'tag', 'untag']);
export type BulkAction = z.infer<typeof bulkActionSchema>;

/** Jobs that one call may change. */
export const maxBulkJobs = 10_000;
/** Refused jobs that an answer lists. */
export const maxListedRefusals = 1000;

export const bulkBodySchema = z
  .strictObject({
    action: bulkActionSchema,
    filter: filterSchema
      .regex(/\S/, 'must name the jobs; a filter that is true for all of them is created > "2000-01-01"')
      .describe('Which jobs of the project, in the language of `filter` of the list'),
    /** Tags that `tag` adds and `untag` removes. */
    tags: z.array(tagSchema).max(maxTags).default([]),
    /** Only count what would happen. */
    dryRun: z.boolean().default(false),
  })
  .refine(({ action, tags }) => action.endsWith('tag') === tags.length > 0, {
    path: ['tags'],
    message: 'must have one tag or more for the actions tag and untag, and is left out for the others',
  });
export type BulkBody = z.output<typeof bulkBodySchema>;
/** As a user may send it. */
export type BulkRequest = z.input<typeof bulkBodySchema>;

export const bulkAnswerSchema = z.object({
  action: bulkActionSchema,
  dryRun: z.boolean(),
  /** Jobs for which the filter was true. Each of them was changed, left unchanged or refused. */
  matched: z.int(),
  /** With dryRun: that would be changed. */
  changed: z.int(),
  /** For which there was nothing to do: cancelled before, say, or tagged so. */
  unchanged: z.int(),
  refusedCount: z.int(),
  /** The first `maxListedRefusals` of those that were refused. */
  refused: z.array(z.object({ id: jobIdSchema, reason: z.string() })),
});
export type BulkAnswer = z.infer<typeof bulkAnswerSchema>;
