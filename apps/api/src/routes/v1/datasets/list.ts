import { listDatasetsQuerySchema, listedDatasetSchema, page } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const listDatasets: Route<'datasets'> = async (app, { datasets }) => {
  app.get(
    '/v1/datasets',
    {
      schema: {
        operationId: 'listDatasets',
        tags: ['datasets'],
        summary: 'The datasets that jobs of this project can train on, with all versions',
        querystring: listDatasetsQuerySchema,
        response: okResponse(page(listedDatasetSchema)),
      },
    },
    async ({ caller, query }) => {
      const all = await datasets.project(caller.project).list();
      const data = query.name === undefined ? all : all.filter(({ name }) => name === query.name);
      return { data, nextCursor: null };
    },
  );
};
