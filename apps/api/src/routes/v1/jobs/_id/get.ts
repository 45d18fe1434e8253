import { isTerminal, jobParamsSchema, jobSchema, NotFoundError } from '@trainyard/contracts';
import type { JobVersion } from '@trainyard/db';
import type { FastifyReply } from 'fastify';
import { matches } from '../../../../http/etag.js';
import { answers } from '../../../../http/responses.js';
import type { Route } from '../../../route.js';

/** Seconds after which a client that polls should ask again; progress is stored about once a second. */
const pollSeconds = 1;

const etagOf = (version: string): string => `"${version}"`;

function sayVersion(reply: FastifyReply, { version, state }: JobVersion): FastifyReply {
  reply.headers({ etag: etagOf(version), 'cache-control': 'private, no-cache' });
  return isTerminal(state) ? reply : reply.header('retry-after', pollSeconds);
}

export const getJob: Route = async (app) => {
  app.get(
    '/v1/jobs/:id',
    {
      schema: {
        tags: ['jobs'],
        summary: 'A job with its state and progress; ETag and If-None-Match, Retry-After until it is terminal',
        params: jobParamsSchema,
        response: answers(jobSchema),
      },
    },
    async (request, reply) => {
      const { project } = request;
      const { id } = request.params;
      const known = request.headers['if-none-match'];
      // Whether the client has it already is known for a small part of what it costs to read the job.
      const current = known === undefined ? null : await project.jobs.version(id);
      if (current && matches(known, etagOf(current.version))) return sayVersion(reply, current).code(304).send();
      const found = await project.jobs.findVersioned(id);
      if (!found) throw new NotFoundError(`job ${id}`);
      const { job, version } = found;
      return sayVersion(reply, { version, state: job.state }).send(job);
    },
  );
};
