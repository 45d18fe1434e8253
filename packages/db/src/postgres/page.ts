import { InvalidInputError, jsonText } from '@trainyard/contracts';
import { z } from 'zod';
import { checkStorable } from './checkStorable.js';

/**
 * Where a page of a sorted list ends: the sort key and the id of its last row. The next page starts after that row, so
 * rows that are inserted or deleted meanwhile never make another row appear twice or not at all.
 */
export type PageCursor = { value: unknown; id: string };

/** @param sort the list's order; `decodeCursor` rejects a cursor of another order. */
export function encodeCursor(sort: string, { value, id }: PageCursor): string {
  return Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');
}

/** As `toISOString` writes times, in years that Postgres accepts. */
const isoTime = /^(?!0000)\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

export const timeSchema = z
  .string()
  .regex(isoTime)
  .transform((text) => new Date(text));
const keySchema = z.union([z.number(), timeSchema]);

const cursorSchema = jsonText(z.tuple([z.string(), z.unknown(), z.string()]));

/**
 * @param schema of the value by which the list is sorted; default: a number or a time
 * @throws InvalidInputError if the text is not a cursor, or belongs to a list with another order.
 */
export function decodeCursor(sort: string, text: string): { value: number | Date; id: string };
export function decodeCursor<T>(sort: string, text: string, schema: z.ZodType<T>): { value: T; id: string };
export function decodeCursor(sort: string, text: string, schema: z.ZodType = keySchema): PageCursor {
  const { data: parts } = cursorSchema.safeParse(Buffer.from(text, 'base64url').toString());
  const { data: value, success } = schema.safeParse(parts?.[1]);
  if (parts?.[0] === sort && success) {
    const [, , id] = parts;
    for (const part of [id, value]) checkStorable(part, '/cursor');
    return { value, id };
  }
  const detail = 'take it from nextCursor of the page before, and keep the other parameters as they were';
  throw new InvalidInputError('the cursor does not belong to this list', [{ pointer: '/cursor', detail }]);
}

/**
 * Cuts rows that were read with a limit of `limit + 1` to a page of `limit`.
 *
 * @returns the page, and the cursor of the next one; null if this is the last.
 */
export function toPage<Row>(rows: Row[], limit: number, sort: string, key: (row: Row) => PageCursor) {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? encodeCursor(sort, key(last)) : null;
  return { data, nextCursor };
}
