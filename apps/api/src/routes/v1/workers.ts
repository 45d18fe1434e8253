import { page, workerSchema } from '@trainyard/contracts';
import { answers } from '../../http/responses.js';
import type { Route } from '../route.js';

export const listWorkers: Route = async (app) => {
  app.get(
    '/v1/workers',
    { schema: { tags: ['workers'], summary: 'Who works on what', response: answers(page(workerSchema)) } },
    async (request) => ({ data: await request.project.workers.list(), nextCursor: null }),
  );
};
