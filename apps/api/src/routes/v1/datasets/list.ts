import { datasetSchema, page } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const listDatasets: Route<'datasets'> = async (app, { datasets }) => {
  app.get(
    '/v1/datasets',
    { schema: { tags: ['datasets'], summary: 'The imported datasets', response: okResponse(page(datasetSchema)) } },
    async () => ({ data: await datasets.list(), nextCursor: null }),
  );
};
