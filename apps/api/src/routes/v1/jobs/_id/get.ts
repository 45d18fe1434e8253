import { isTerminal, jobParamsSchema, jobSchema, NotFoundError } from '@trainyard/contracts';
import type { JobVersion } from '@trainyard/db';
import type { FastifyReply } from 'fastify';
import { matches } from '#http/etag.js';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

/** Retry-After for clients that poll; workers store progress about once a second. */
const pollSeconds = 1;

export const etagOf = (version: string): string => `"${version}"`;

export function setVersionHeaders(reply: FastifyReply, { version, state }: JobVersion): FastifyReply {
  reply.headers({ etag: etagOf(version), 'cache-control': 'private, no-cache' });
  return isTerminal(state) ? reply : reply.header('retry-after', pollSeconds);
}

export const getJob: Route = async (app) => {
  app.get(
    '/v1/jobs/:id',
    {
      // Its ETag is strong: of these very bytes.
      compress: false,
      schema: {
        operationId: 'getJob',
        tags: ['jobs'],
        summary: 'A job with its state and progress; ETag and If-None-Match, Retry-After until it is terminal',
        params: jobParamsSchema,
        response: okResponse(jobSchema),
      },
    },
    async (request, reply) => {
      const { project } = request;
      const { id } = request.params;
      const known = request.headers['if-none-match'];
      // Reading only the version costs far less than reading the job, and suffices for a 304.
      const current = known === undefined ? null : await project.jobs.version(id);
      if (current && matches(known, etagOf(current.version))) return setVersionHeaders(reply, current).code(304).send();
      const found = await project.jobs.findVersioned(id);
      if (!found) throw new NotFoundError(`job ${id}`);
      const { job, version } = found;
      return setVersionHeaders(reply, { version, state: job.state }).send(job);
    },
  );
};
