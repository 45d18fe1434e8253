import { randomBytes } from 'node:crypto';
import { type FastifyReply, type FastifyRequest, type FastifyServerOptions, LogController } from 'fastify';
import plugin from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyRequest {
    /** The client's address, as in `ip`, which is not known any more when the client has disconnected. */
    address: string;
  }
}

/** Makes request ids unique across processes. */
const processPart = randomBytes(6).toString('base64url');
let requests = 0;

/** A header of the client is never used: log lines must not contain ids that a client chose. */
export const newRequestId = (): string => `req_${processPart}${(requests++).toString(36).padStart(6, '0')}`;

/** Adds the job id of the URL to every log line of the request, beside the request's id. */
export const childLogger: FastifyServerOptions['childLoggerFactory'] = (logger, bindings, options, { url }) => {
  const jobId = /^\/v1\/jobs\/(job_[0-9a-z]{26})(?![0-9a-z])/.exec(url ?? '')?.[1];
  return logger.child(jobId === undefined ? bindings : { ...bindings, jobId }, options);
};

/** The service never reads keys from a URL; a client that puts one there by mistake must not leak it into the log. */
const withoutKeys = (url: string): string => url.replace(/ty_[0-9a-z]{26}(_|%5f)[\w%-]*/gi, 'ty_…');

/** One log line a response, where Fastify has two; successful reads are logged at level debug. */
class ResponseLog extends LogController {
  override incomingRequest(): void {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const { method, address } = request;
    const url = withoutKeys(request.url);
    const onlyRead = reply.statusCode < 400 && (method === 'GET' || method === 'HEAD');
    request.log[onlyRead && !error ? 'debug' : 'info'](
      {
        method,
        url,
        address,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        ...(error ? { err: error } : {}),
      },
      'request completed',
    );
  }
}

export const logController = new ResponseLog({ requestIdLogLabel: 'requestId' });

/** Sends the request's id with every response, and keeps the client's address for the log. */
export const requestId = plugin(async (app) => {
  app.decorateRequest('address', '');
  app.addHook('onRequest', async (request, reply) => {
    request.address = request.ip;
    reply.header('x-request-id', request.id);
  });
});
