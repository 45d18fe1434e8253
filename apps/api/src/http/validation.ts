import { faultsOfIssues, InvalidInputError } from '@trainyard/contracts';
import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';

const names: Record<string, string> = {
  querystring: 'the query',
  params: 'the path',
  headers: 'a header',
  body: 'the body',
};

/** Rejects unknown query parameters, as a misspelt filter would be ignored silently. Unknown headers are normal. */
const strict = (schema: z.ZodType, part: string): z.ZodType =>
  part === 'querystring' && schema instanceof z.ZodObject ? schema.strict() : schema;

/** Checks a part of a request by its zod schema, and reports all faults of the part together. */
export const validatorCompiler: FastifySchemaCompiler<unknown> = ({ schema: given, httpPart = '' }) => {
  // Fastify types a route's schemas as unknown; the type of `Route` admits only zod schemas.
  const schema = strict(given as z.ZodType, httpPart);
  return (data: unknown) => {
    const { success, data: value, error } = schema.safeParse(data);
    if (success) return { value };
    const faults = faultsOfIssues(error.issues, data, schema);
    return { error: new InvalidInputError(`${names[httpPart] ?? 'the request'} is not valid`, faults) };
  };
};

/** @throws InvalidInputError with all faults of the body */
export function checkBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const { success, data, error } = schema.safeParse(body);
  if (success) return data;
  throw new InvalidInputError('the body is not valid', faultsOfIssues(error.issues, body, schema));
}

/** For a route that checks the body itself: the schema only describes the body in the OpenAPI document. */
export const bodyCheckedByRoute: FastifySchemaCompiler<unknown> = (part) =>
  part.httpPart === 'body' ? (value: unknown) => ({ value }) : validatorCompiler(part);
