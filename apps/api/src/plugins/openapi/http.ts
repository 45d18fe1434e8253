import { STATUS_CODES } from 'node:http';
import { type Body, withExamples } from './examples.js';
import { type Operation, operations, rateLimitHeaders } from './operations.js';
import type { Json } from './portable.js';

interface Response {
  description: string;
  headers?: Record<string, Json>;
  content?: Record<string, { schema?: Json }>;
}

export interface DocumentedOperation {
  operationId?: string;
  summary?: string;
  description?: string;
  security?: Json;
  parameters?: Json[];
  requestBody?: Body;
  responses: Record<string, Response>;
}

/** What every operation may answer, and what those answer besides that need a key. */
const always = [429, 431, 500, 503];
const withKey = [401];

const isText = (mediaType: string): boolean => mediaType.includes('json') || mediaType.startsWith('text/');

/**
 * Adds to an operation which statuses and headers it has. Problems are listed one by one: a `default` would make every
 * status right, so that no tool could find a wrong one.
 * @throws Error when `operations` lacks the operation
 */
export function describeHttp({ ...operation }: DocumentedOperation): DocumentedOperation {
  const { operationId = '', summary = '', responses } = operation;
  const facts = operations[operationId];
  if (!facts) throw new Error(`the operation ${operationId} is not listed in operations.ts`);
  const { default: problem, ...successes } = responses;
  if (!problem) throw new Error(`the operation ${operationId} has no response for problems`);
  const needsKey = operation.security === undefined;
  const problems = [...always, ...(needsKey ? withKey : []), ...(facts.problems ?? [])];
  operation.description ??= `${summary}.`;
  operation.responses = {
    ...Object.fromEntries(Object.entries(successes).map(([status, each]) => [status, success(each, summary, facts)])),
    ...partOf(successes, facts),
    ...Object.fromEntries(
      Object.entries(facts.statuses ?? {}).map(([status, description]) => [
        status,
        { description, headers: referTo(['x-request-id', ...(status === '304' ? ['etag'] : [])]) },
      ]),
    ),
    ...Object.fromEntries(
      problems.filter((status) => !(status in successes)).map((status) => [status, problemOf(problem, status)]),
    ),
  };
  if (facts.body) operation.requestBody = bytesOf(facts.body, facts.form);
  if (operation.requestBody && facts.optionalBody)
    operation.requestBody = { ...operation.requestBody, required: false };
  if (operation.requestBody) operation.requestBody = withExamples(operationId, operation.requestBody);
  const parameters = [...(operation.parameters ?? []), ...requestHeaders(facts)];
  if (parameters.length > 0) operation.parameters = parameters;
  return operation;
}

const bytes: Json = { type: 'string', format: 'binary' };

const bytesOf = ({ mediaType, required }: { mediaType: string; required: boolean }, form?: string): Body => ({
  required,
  content: { [mediaType]: { schema: bytes }, ...(form ? { 'multipart/form-data': { schema: filesOf(form) } } : {}) },
});

const filesOf = (name: string): Json => ({
  type: 'object',
  properties: { [name]: { type: 'array', items: bytes, minItems: 1 } },
  required: [name],
});

function success(response: Response, summary: string, facts: Operation): Response {
  const content = Object.entries(response.content ?? {}).map(([mediaType, media]) => [
    mediaType,
    isText(mediaType) ? media : { schema: bytes },
  ]);
  return {
    ...response,
    description: response.description === 'Default Response' ? summary : response.description,
    headers: referTo(['x-request-id', ...rateLimitHeaders, ...(facts.headers ?? [])]),
    ...(content.length > 0 ? { content: Object.fromEntries(content) } : {}),
  };
}

/** A part of a file, where parts can be requested. */
function partOf(successes: Record<string, Response>, facts: Operation): Record<string, Response> {
  const whole = successes['200'];
  if (!whole || !facts.requestHeaders?.range) return {};
  const part = success({ ...whole, description: 'The part that Range asked for' }, '', facts);
  return { '206': { ...part, headers: { ...part.headers, ...referTo(['content-range']) } } };
}

const problemOf = (problem: Response, status: number): Response => ({
  ...problem,
  description: STATUS_CODES[status] ?? 'A problem',
  headers: referTo([
    'x-request-id',
    ...(status === 429 || status === 503 ? ['retry-after'] : []),
    ...(status === 429 ? rateLimitHeaders : []),
    ...(status === 401 ? ['www-authenticate'] : []),
    ...(status === 416 ? ['content-range'] : []),
  ]),
});

const referTo = (names: string[]): Record<string, Json> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const requestHeaders = ({ requestHeaders = {} }: Operation): Json[] =>
  Object.entries(requestHeaders).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }));
