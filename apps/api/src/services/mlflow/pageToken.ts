import { InvalidInputError, jsonText } from '@trainyard/contracts';
import { z } from 'zod';

/** As MLflow's servers write them: the position of the page. */
const tokenSchema = jsonText(
  z.object({
    offset: z
      .int()
      .min(0)
      .max(2 ** 31 - 1),
  }),
);

export const pageToken = (offset: number): string => Buffer.from(JSON.stringify({ offset })).toString('base64');

/** @throws InvalidInputError */
export function offsetOf(token: string | undefined): number {
  if (!token) return 0;
  const { data } = tokenSchema.safeParse(Buffer.from(token, 'base64').toString());
  if (data) return data.offset;
  throw new InvalidInputError('page_token is none of this list; take it from next_page_token of the page before');
}
