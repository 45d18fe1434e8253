import { randomBytes } from 'node:crypto';
import { type FastifyReply, type FastifyRequest, type FastifyServerOptions, LogController } from 'fastify';
import plugin from 'fastify-plugin';

/** Of this process: with it, numbers of requests are no other process' too. */
const processPart = randomBytes(6).toString('base64url');
let requests = 0;

/** Never taken from the client: what stands in our logs is ours. */
export const newRequestId = (): string => `req_${processPart}${(requests++).toString(36).padStart(6, '0')}`;

/** Every line of a request carries its id, and that of the job that it is about. */
export const childLogger: FastifyServerOptions['childLoggerFactory'] = (logger, bindings, options, { url }) => {
  const jobId = /^\/v1\/jobs\/(job_[0-9a-z]{26})(?![0-9a-z])/.exec(url ?? '')?.[1];
  return logger.child(jobId === undefined ? bindings : { ...bindings, jobId }, options);
};

/** Keys are never taken from a URL, but who puts one there all the same must not find it in the log. */
const withoutKeys = (url: string): string => url.replace(/ty_[0-9a-z]{26}(_|%5f)[\w%-]*/gi, 'ty_…');

/** One line an answer, in place of Fastify's two; that something was only read is told at level debug. */
class AnswerLog extends LogController {
  override incomingRequest(): void {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const { method } = request;
    const url = withoutKeys(request.url);
    const onlyRead = reply.statusCode < 400 && (method === 'GET' || method === 'HEAD');
    request.log[onlyRead && !error ? 'debug' : 'info'](
      { method, url, status: reply.statusCode, ms: Math.round(reply.elapsedTime), ...(error ? { err: error } : {}) },
      'request answered',
    );
  }
}

export const logController = new AnswerLog({ requestIdLogLabel: 'requestId' });

/** Every answer tells its request's id. */
export const requestId = plugin(async (app) => {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
});
