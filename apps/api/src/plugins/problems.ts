import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { LimitError, type Problem, type ProblemCode, TrainyardError } from '@trainyard/contracts';
import { isUnavailable } from '@trainyard/db';
import { storageFault } from '@trainyard/process';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import { prefers } from '#http/accept.js';
import { FailureLog } from './failureLog.js';

export const problemMediaType = 'application/problem+json';

const statusOf: Record<ProblemCode, number> = {
  invalid_input: 400,
  invalid_spec: 422,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  precondition_failed: 412,
  idempotency_key_reused: 422,
  payload_too_large: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  rate_limited: 429,
  quota_exceeded: 429,
  unavailable: 503,
  internal: 500,
};

const titles: Record<ProblemCode, string> = {
  invalid_input: 'The request has faults',
  invalid_spec: 'The spec has faults',
  unauthorized: 'A valid API key is needed',
  forbidden: 'This API key may not do that',
  not_found: 'Not found',
  method_not_allowed: 'The resource does not have this method',
  conflict: 'The state of the resource does not allow it',
  precondition_failed: 'The resource has changed',
  idempotency_key_reused: 'The idempotency key was used for another request',
  payload_too_large: 'The body is too large',
  unsupported_media_type: 'The media type of the body is not supported',
  range_not_satisfiable: 'The range is outside the file',
  rate_limited: 'Too many requests',
  quota_exceeded: 'A limit of this API key was reached',
  unavailable: 'Not available at the moment',
  internal: 'Internal error',
};

/** Fastify's own errors have a status and a message. Messages of 4xx are passed on; details of 5xx are only logged. */
const codeOfStatus: Record<number, ProblemCode> = {
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  503: 'unavailable',
};

const problem = (code: ProblemCode, detail: string | undefined, extra: Partial<Problem> = {}): Problem => ({
  type: `urn:trainyard:problem:${code}`,
  title: titles[code],
  status: statusOf[code],
  ...(detail ? { detail } : {}),
  code,
  ...extra,
});

/** The only place that turns an error into a response. */
export function problemOf(error: Error & Partial<FastifyError>): Problem {
  if (error instanceof TrainyardError) {
    return problem(error.code, error.message, {
      ...(error.faults.length > 0 ? { errors: error.faults } : {}),
      ...(error instanceof LimitError ? { limit: error.limit } : {}),
    });
  }
  if (isUnavailable(error)) return problem('unavailable', 'the database cannot be used; try again in a moment');
  const fault = storageFault(error);
  if (fault !== null) return problem('unavailable', `the service cannot use a folder of its own: ${fault}`);
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) return problem(codeOfStatus[status] ?? 'invalid_input', error.message);
  return status === 503 ? problem('unavailable', error.message) : problem('internal', undefined);
}

/** Retry-After while a server that this one needs is unavailable. */
const retrySeconds = 2;

const failureLog = new FailureLog();

export function sendProblem(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const body = prepareProblem(error, request, reply);
  reply.header('content-type', problemMediaType).send(JSON.stringify({ ...body, requestId: request.id }));
}

/** Logs a failure of the service, and sets the status and all headers of the answer but its media type. */
export function prepareProblem(error: Error, request: FastifyRequest, reply: FastifyReply): Problem {
  const body = problemOf(error);
  if (body.status >= 500) failureLog.add(error, request);
  // An answer that failed before its first byte has set them for itself.
  for (const name of ['content-encoding', 'content-disposition', 'etag']) reply.removeHeader(name);
  if (body.status === 503) reply.header('retry-after', retrySeconds);
  if (body.status === 401) reply.header('www-authenticate', challengeFor(request));
  if (error instanceof LimitError) reply.header('retry-after', error.retryAfterSeconds);
  if (body.status === 413) drain(request, reply);
  reply.code(body.status).header('cache-control', 'no-store').header('x-request-id', request.id);
  return body;
}

/** A browser then asks for a password, in which the key is typed; the user name is ignored. See authentication.ts. */
const challengeFor = (request: FastifyRequest): string =>
  prefers(request.headers, 'text/html') ? 'Basic realm="trainyard"' : 'Bearer realm="trainyard"';

/** For how long, and how many bytes, the rest of a refused body is read before the connection is closed. */
const drainMs = 2_000;
const drainBytes = 32 << 20;

/**
 * Reads and discards the rest of a refused body. If the connection were closed while the client is still sending, TCP
 * would reset it, and the client would not see the response.
 */
function drain(request: FastifyRequest, reply: FastifyReply): void {
  // Fastify sets `connection: close`, with which Node would close the connection right after the response.
  reply.removeHeader('connection');
  const { raw } = request;
  let left = drainBytes;
  const cut = () => raw.destroy();
  const timer = setTimeout(cut, drainMs);
  raw.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) cut();
  });
  raw.once('close', () => clearTimeout(timer));
  raw.resume();
}

/** Responds to bytes that Node cannot parse as a request, or whose headers are too large: they never reach a route. */
export function respondToUnparsable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ''] ?? 400;
  const body = JSON.stringify({ ...problem('invalid_input', STATUS_CODES[status]), status });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${problemMediaType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/**
 * Every error, and every unknown URL, is answered with `application/problem+json` (RFC 9457): 405 with `Allow` where
 * the URL has other methods (RFC 9110, 15.5.6). OPTIONS is answered with them. MUST be registered before the routes.
 */
export const problems = plugin(async (app) => {
  app.setErrorHandler(sendProblem);
  const { methodsOf, isAnother } = listMethods(app);
  const respond = (request: FastifyRequest, reply: FastifyReply): void => {
    const { method } = request;
    const path = request.url.split('?')[0] ?? '';
    const methods = methodsOf(path);
    const allowed = methods.join(', ');
    if (allowed === '') {
      sendProblem(new TrainyardError('not_found', `there is no ${method} ${path}`), request, reply);
    } else if (method === 'OPTIONS') {
      reply.code(204).header('allow', allowed).send();
    } else {
      reply.header('allow', allowed);
      sendProblem(new TrainyardError('method_not_allowed', `${path} has ${allowed}, not ${method}`), request, reply);
    }
  };
  app.setNotFoundHandler(respond);
  // Before Fastify reads the body, which it could refuse for another reason than that nothing is here.
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (request.is404 || isAnother(request)) respond(request, reply);
    else done(null, payload);
  });
});

/** The methods of each route. A path such as `/v1/jobs/bulk` has its own alone, not those of `/v1/jobs/:id`. */
function listMethods(app: FastifyInstance) {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    // The route of plugins/cors.ts for the preflights of every URL.
    if (url === '*') return;
    // No route of ours has a part that only begins with a parameter.
    const pattern = new RegExp(`^${url.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+').replace(/\*/g, '.*')}$`);
    const route = routes.get(url) ?? { pattern, methods: new Set() };
    for (const each of [method].flat()) route.methods.add(each);
    routes.set(url, route);
  });
  return {
    methodsOf(path: string): string[] {
      const exact = routes.get(path);
      const found = exact ? [exact] : [...routes.values()].filter(({ pattern }) => pattern.test(path));
      return [...new Set(found.flatMap(({ methods }) => [...methods]))].sort();
    },
    /** Whether the request was routed by a parameter, although its path has routes of its own for other methods. */
    isAnother({ url, routeOptions }: FastifyRequest): boolean {
      const path = url.split('?')[0] ?? '';
      return routeOptions.url?.includes(':') === true && routes.has(path);
    },
  };
}
