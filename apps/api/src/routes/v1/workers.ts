import { page, workerSchema } from '@trainyard/contracts';
import { answers } from '../../http/responses.js';
import type { Route } from '../route.js';

export const listWorkers: Route<'db'> = async (app, { db }) => {
  app.get(
    '/v1/workers',
    { schema: { tags: ['workers'], summary: 'Who works on what', response: answers(page(workerSchema)) } },
    async () => ({ data: await db.workers.list(), nextCursor: null }),
  );
};
