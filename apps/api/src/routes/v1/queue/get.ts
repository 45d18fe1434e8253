import { queueSchema, TrainyardError } from '@trainyard/contracts';
import type { FastifyBaseLogger } from 'fastify';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

const reportUnavailable = (log: FastifyBaseLogger) => (error: unknown) => {
  log.warn({ err: error }, 'the queue is unavailable');
  throw new TrainyardError('unavailable', 'the queue does not answer; jobs can still be submitted');
};

export const queueDepth: Route<'queue'> = async (app, { queue }) => {
  app.get(
    '/v1/queue',
    {
      schema: {
        operationId: 'getQueue',
        tags: ['workers'],
        summary: 'How many jobs wait and run',
        response: okResponse(queueSchema),
      },
    },
    async (request) => ({ backend: queue.backend, ...(await queue.counts().catch(reportUnavailable(request.log))) }),
  );
};
