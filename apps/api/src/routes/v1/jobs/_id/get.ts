import {
  getJobQuerySchema,
  isTerminal,
  jobParamsSchema,
  jobSchema,
  NotFoundError,
  TrainyardError,
} from '@trainyard/contracts';
import type { JobVersion } from '@trainyard/db';
import type { FastifyReply } from 'fastify';
import { endOf } from '#http/endOf.js';
import { matches } from '#http/etag.js';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { Waits } from '#services/waits.js';

/** Retry-After for clients that poll; workers store progress about once a second. */
const pollSeconds = 1;

export const etagOf = (version: string): string => `"${version}"`;

export function setVersionHeaders(reply: FastifyReply, { version, state }: JobVersion): FastifyReply {
  reply.headers({ etag: etagOf(version), 'cache-control': 'private, no-cache' });
  return isTerminal(state) ? reply : reply.header('retry-after', pollSeconds);
}

export const getJob: Route = async (app) => {
  const waits = new Waits(app.liveEvents);

  app.get(
    '/v1/jobs/:id',
    {
      // Its ETag is strong: of these very bytes.
      compress: false,
      schema: {
        operationId: 'getJob',
        tags: ['jobs'],
        summary: 'A job with its state and progress; ETag and If-None-Match, Retry-After until it is terminal',
        description:
          'With `wait` the answer comes when the job is terminal, or when that many seconds are over, with the job ' +
          'as it is then. With If-None-Match too, it comes as soon as the job has another ETag, and is 304 if it has ' +
          'none in that time.',
        params: jobParamsSchema,
        querystring: getJobQuerySchema,
        response: okResponse(jobSchema),
      },
    },
    async (request, reply) => {
      const { project, access } = request;
      const { id } = request.params;
      const { wait } = request.query;
      const known = request.headers['if-none-match'];
      if (wait > 0) {
        const isAwaited = async () => {
          const now = await project.jobs.version(id);
          return now !== null && !isTerminal(now.state) && (known === undefined || matches(known, etagOf(now.version)));
        };
        await waits.until(id, request.caller.id, isAwaited, {
          seconds: wait,
          signal: endOf(reply, app.liveEvents.closing.signal),
        });
        if (!(await access?.keyIsValid())) throw new TrainyardError('unauthorized', 'this API key is not known here');
      }
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
