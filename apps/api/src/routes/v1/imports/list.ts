import { datasetImportSchema, listImportsQuerySchema, page } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const listImports: Route = async (app) => {
  app.get(
    '/v1/imports',
    {
      schema: {
        operationId: 'listImports',
        tags: ['datasets'],
        summary: 'Imports of this project, newest first',
        querystring: listImportsQuerySchema,
        response: okResponse(page(datasetImportSchema)),
      },
    },
    ({ project, query }) => project.imports.list(query),
  );
};
