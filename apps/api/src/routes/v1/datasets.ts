import { datasetSchema, page } from '@trainyard/contracts';
import { answers } from '../../http/responses.js';
import type { Route } from '../route.js';

export const listDatasets: Route<'datasets'> = async (app, { datasets }) => {
  app.get(
    '/v1/datasets',
    { schema: { tags: ['datasets'], summary: 'The imported datasets', response: answers(page(datasetSchema)) } },
    async () => ({ data: await datasets.list(), nextCursor: null }),
  );
};
