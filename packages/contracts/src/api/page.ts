import { z } from 'zod';

/** Parameters of every list. */
export const pageQuerySchema = z.object({
  /** `nextCursor` of the page before; absent: the first page. */
  cursor: z.string().max(512).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

/** A page of a list; `nextCursor` is null on the last page. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), nextCursor: z.string().nullable() });
export type Page<T> = z.output<ReturnType<typeof page<z.ZodType<T>>>>;

/** Format of an answer that is a table. */
export const tableFormatSchema = z.enum(['json', 'csv']).default('json');
