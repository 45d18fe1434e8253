import { foreignRunSchema, foreignRunsQuerySchema, page } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const listForeignRuns: Route = async (app) => {
  app.get(
    '/v1/foreign-runs',
    {
      schema: {
        operationId: 'listForeignRuns',
        tags: ['results'],
        summary: 'The runs that were imported from elsewhere, in the order in which they came',
        querystring: foreignRunsQuerySchema,
        response: okResponse(page(foreignRunSchema)),
      },
    },
    async (request) => request.project.foreignRuns.list(request.query),
  );
};
