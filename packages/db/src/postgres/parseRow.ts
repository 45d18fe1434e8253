import { z } from 'zod';

export const parseRows = <Row extends z.ZodType>(schema: Row, rows: unknown[]): z.output<Row>[] =>
  rows.map((row) => parseRow(schema, row));

/**
 * Also for rows that Prisma read, where they have JSON columns.
 *
 * @throws Error if the row does not fit the schema. Not a ZodError, which would look like a fault of the request.
 */
export function parseRow<Row extends z.ZodType>(schema: Row, row: unknown): z.output<Row> {
  const { success, data, error } = schema.safeParse(row);
  if (success) return data;
  throw new Error(`a row of the database does not fit its schema: ${z.prettifyError(error)}`, { cause: error });
}
