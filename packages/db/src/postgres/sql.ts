import { Prisma } from './generated/client.js';

/** Builds a statement: every `${value}` becomes a parameter, never a part of the text. */
export const { sql, join, empty, raw } = Prisma;
export type Sql = Prisma.Sql;

/** A parameter of a statement that holds any JSON value; `null` and `undefined` become SQL's NULL. */
export const json = (value: unknown): Sql =>
  sql`${value === null || value === undefined ? null : JSON.stringify(value)}::jsonb`;
