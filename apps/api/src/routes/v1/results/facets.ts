import { facetsQuerySchema, facetsSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const resultsFacets: Route = async (app) => {
  app.get(
    '/v1/results/facets',
    {
      schema: {
        operationId: 'countResults',
        tags: ['results'],
        summary: 'The tested jobs that match, counted by the values of a field, the most frequent first',
        querystring: facetsQuerySchema,
        response: okResponse(facetsSchema),
      },
    },
    async (request) => request.project.results.facets(request.query),
  );
};
