import { z } from 'zod';
import { fieldSchema, queryInteger } from './page.js';
import { resultsQuerySchema } from './results.js';

export const facetsQuerySchema = resultsQuerySchema
  .omit({ sort: true, cursor: true, format: true, columns: true })
  .extend({
    field: fieldSchema.describe('Any field of a filter, such as architecture, tag, optimizer.type or recall.cat'),
    limit: queryInteger(1, 500).default(50).describe('How many values, the most frequent first'),
  });
export type FacetsQuery = z.output<typeof facetsQuerySchema>;

/** A value of a field, and how many rows have it. */
export const facetSchema = z.object({
  /** A date stands for its day in UTC, a list or an object of the spec is written as JSON. */
  value: z.union([z.string(), z.number(), z.boolean()]),
  count: z.int(),
});

/** The rows of the history counted by the values of a field. */
export const facetsSchema = z.object({
  field: z.string(),
  /** Rows that match. */
  total: z.int(),
  /** Those of them that lack the field. */
  missing: z.int(),
  /** How many different values there are; `values` has the most frequent ones. */
  distinct: z.int(),
  /** A row with several tags counts for each of them. */
  values: z.array(facetSchema),
});
export type Facets = z.infer<typeof facetsSchema>;
