import { compareQuerySchema, comparisonSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { compareJobs } from '#services/compare/compareJobs.js';

export const compareRoute: Route = async (app) => {
  app.get(
    '/v1/compare',
    {
      schema: {
        operationId: 'compareJobs',
        tags: ['results'],
        summary: 'Jobs side by side: curves, accuracies with intervals, tests of each pair, classes, differing fields',
        querystring: compareQuerySchema,
        response: okResponse(comparisonSchema),
      },
    },
    async (request) => compareJobs(request.project, request.query),
  );
};
