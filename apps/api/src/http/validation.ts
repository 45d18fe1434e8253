import { faultsOfIssues, InvalidInputError } from '@trainyard/contracts';
import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';

const names: Record<string, string> = {
  querystring: 'the query',
  params: 'the path',
  headers: 'a header',
  body: 'the body',
};

/** Checks a part of a request by its zod schema; all faults of the part come back at once. */
export const validatorCompiler: FastifySchemaCompiler<unknown> =
  ({ schema, httpPart = '' }) =>
  (data: unknown) => {
    const { success, data: value, error } = (schema as z.ZodType).safeParse(data);
    if (success) return { value };
    const faults = faultsOfIssues(error.issues, data, schema as z.ZodType);
    return { error: new InvalidInputError(`${names[httpPart] ?? 'the request'} is not valid`, faults) };
  };

/** For a body that its route checks itself: the schema then only describes it in the OpenAPI document. */
export const bodyCheckedByRoute: FastifySchemaCompiler<unknown> = (part) =>
  part.httpPart === 'body' ? (value: unknown) => ({ value }) : validatorCompiler(part);
