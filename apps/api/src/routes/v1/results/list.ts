import { page, resultRowSchema, resultsQuerySchema } from '@trainyard/contracts';
import { contentResponse } from '#http/responses.js';
import { fileContents, sendTable } from '#http/sendTable.js';
import type { Route } from '#routes/route.js';

export const resultsHistory: Route = async (app) => {
  app.get(
    '/v1/results',
    {
      schema: {
        operationId: 'listResults',
        tags: ['results'],
        summary: 'The history of all tested jobs: a page, or all that match as a file with the measures of each class',
        querystring: resultsQuerySchema,
        response: contentResponse('Rows', { 'application/json': { schema: page(resultRowSchema) }, ...fileContents }),
      },
    },
    async ({ query, project }, reply) => {
      const { format } = query;
      if (format === 'json') return project.results.history(query);
      return sendTable(reply, { name: 'results', format }, (encode, signal) =>
        project.results.export(query, encode, signal),
      );
    },
  );
};
