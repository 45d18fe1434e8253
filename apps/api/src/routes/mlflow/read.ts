import { faultsOfIssues, InvalidInputError } from '@trainyard/contracts';
import { z } from 'zod';

/** For routes whose POST is a query, as MLflow has them. */
export const query = { config: { reads: true as const, audited: false } };

/** Fields that the schema does not have are ignored. @throws InvalidInputError with every fault */
export function read<T extends z.ZodObject>(schema: T, input: unknown): z.output<T> {
  const { success, data, error } = schema.safeParse(input ?? {});
  if (success) return data;
  throw new InvalidInputError('the request is not valid', faultsOfIssues(error.issues, input, schema));
}

/** Rows of a page at most; clients ask for the next page where there are more. */
const longestPage = 1000;

export const pageSchema = z.object({
  filter: z.string().nullish(),
  order_by: z.array(z.string()).max(20).nullish(),
  page_token: z.string().nullish(),
  max_results: z.coerce
    .number()
    .int()
    .min(1)
    .max(50_000)
    .nullish()
    .transform((limit) => Math.min(limit ?? longestPage, longestPage)),
});
