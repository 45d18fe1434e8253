import { datasetImportSchema, importParamsSchema, NotFoundError } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const getImport: Route = async (app) => {
  app.get(
    '/v1/imports/:id',
    {
      schema: {
        operationId: 'getImport',
        tags: ['datasets'],
        summary: 'An import: its progress, the dataset that it became, or why it failed, with every file at fault',
        params: importParamsSchema,
        response: okResponse(datasetImportSchema),
      },
    },
    async ({ params, project }) => {
      const found = await project.imports.find(params.id);
      if (found === null) throw new NotFoundError(`import ${params.id}`);
      return found;
    },
  );
};
