import { anyResultRowSchema, InvalidInputError, page, resultsQuerySchema } from '@trainyard/contracts';
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
        response: contentResponse('Rows', {
          'application/json': { schema: page(anyResultRowSchema) },
          ...fileContents,
        }),
      },
    },
    async ({ query, project }, reply) => {
      const { format } = query;
      if (format === 'json') {
        if (query.columns !== undefined) throw noColumns();
        return project.results.history(query);
      }
      return sendTable(reply, { name: 'results', format }, (encode, signal) =>
        project.results.export(query, encode, signal),
      );
    },
  );
};

function noColumns(): InvalidInputError {
  const detail = 'needs format=csv, ndjson or parquet: the rows of JSON always have the same fields';
  return new InvalidInputError(`columns ${detail}`, [{ pointer: '/columns', detail }]);
}
