import { queueSchema } from '@trainyard/contracts';
import { answers } from '../../http/responses.js';
import type { Route } from '../route.js';

export const queueDepth: Route<'queue'> = async (app, { queue }) => {
  app.get(
    '/v1/queue',
    { schema: { tags: ['workers'], summary: 'How many jobs wait and run', response: answers(queueSchema) } },
    async () => ({ backend: queue.backend, ...(await queue.counts()) }),
  );
};
