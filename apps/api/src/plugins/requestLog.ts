import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';

/** Never taken from the client: what stands in our logs is ours. */
export const newRequestId = (): string => `req_${randomBytes(9).toString('base64url')}`;

const jobIdOf = ({ params }: FastifyRequest): string | null => {
  const { id } = (params ?? {}) as { id?: unknown };
  return typeof id === 'string' ? id : null;
};

/** Every answer tells its request's id; the log lines of a request about a job carry the job's id. */
export const requestLog = plugin(async (app) => {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    const jobId = jobIdOf(request);
    if (jobId === null) return;
    request.log = request.log.child({ jobId });
    reply.log = request.log;
  });
});
