import { page, workerSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const listWorkers: Route = async (app) => {
  app.get(
    '/v1/workers',
    {
      schema: {
        operationId: 'listWorkers',
        tags: ['workers'],
        summary: 'The workers and the jobs that they run',
        response: okResponse(page(workerSchema)),
      },
    },
    async (request) => ({ data: await request.project.workers.list(), nextCursor: null }),
  );
};
