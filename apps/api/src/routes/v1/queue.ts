import { queueSchema, TrainyardError } from '@trainyard/contracts';
import type { FastifyBaseLogger } from 'fastify';
import { answers } from '../../http/responses.js';
import type { Route } from '../route.js';

const away = (log: FastifyBaseLogger) => (error: unknown) => {
  log.warn({ err: error }, 'the queue did not answer');
  throw new TrainyardError('unavailable', 'the queue does not answer; jobs are taken all the same');
};

export const queueDepth: Route<'queue'> = async (app, { queue }) => {
  app.get(
    '/v1/queue',
    { schema: { tags: ['workers'], summary: 'How many jobs wait and run', response: answers(queueSchema) } },
    async (request) => ({ backend: queue.backend, ...(await queue.counts().catch(away(request.log))) }),
  );
};
