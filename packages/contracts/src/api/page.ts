import { z } from 'zod';

/**
 * A number as a query has it: text. Only decimal digits count, as an empty text and `0x10` are numbers to JavaScript,
 * but mistakes in a query.
 */
export const queryNumber = <T extends z.ZodNumber>(number: T) =>
  z.preprocess((v) => (typeof v === 'string' && /^-?\d+(\.\d+)?$/.test(v) ? Number(v) : v), number);

/** Both ends included. */
export const queryInteger = (low: number, high: number) => queryNumber(z.int().min(low).max(high));

/** A boolean as a query has it: text. */
export const queryFlag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((v) => v === 'true');

/** Parameters of every list. */
export const pageQuerySchema = z.object({
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,512}$/, 'must be nextCursor of the page before; leave it out for the first page')
    .optional()
    .describe('nextCursor of the page before; absent: the first page'),
  limit: queryInteger(1, 500).default(50),
});

/** A page of a list; `nextCursor` is null on the last page. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), nextCursor: z.string().nullable() });
export type Page<T> = z.output<ReturnType<typeof page<z.ZodType<T>>>>;

/** Format of an answer that is a table. */
export const tableFormatSchema = z.enum(['json', 'csv']).default('json');

/** Format of an answer that is a table; all but JSON are the whole table as a file, whatever the limit. */
export const exportFormatSchema = z.enum(['json', 'csv', 'ndjson', 'parquet']).default('json');
export type ExportFormat = Exclude<z.output<typeof exportFormatSchema>, 'json'>;

/**
 * One to four fields by which a list is sorted, as a filter names them, with commas between them; after `-` from the
 * highest value to the lowest. Each decides between rows that are equal by those before it.
 */
export const sortSchema = z.string().min(1).max(500);

/** A field as a filter names it. */
export const fieldSchema = z.string().min(1).max(500);

/** Fields as a filter names them, with commas between them. */
export const fieldsSchema = z.string().min(1).max(4000);

/** Which rows of a list are meant; docs/query.md has the language. */
export const filterSchema = z.string().max(4000);
