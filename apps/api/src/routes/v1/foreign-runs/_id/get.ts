import { foreignRunDetailSchema, foreignRunParamsSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const getForeignRun: Route = async (app) => {
  app.get(
    '/v1/foreign-runs/:id',
    {
      schema: {
        operationId: 'getForeignRun',
        tags: ['results'],
        summary: 'An imported run with all of its params and tags, and the last value of each metric',
        params: foreignRunParamsSchema,
        response: okResponse(foreignRunDetailSchema),
      },
    },
    async (request) => request.project.foreignRuns.get(request.params.id),
  );
};
