import { datasetParamsSchema, datasetQuerySchema, ownedDatasetDetailSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { openDataset } from '#services/openDataset.js';

export const getDataset: Route<'datasets'> = async (app, { datasets }) => {
  app.get(
    '/v1/datasets/:name',
    {
      schema: {
        operationId: 'getDataset',
        tags: ['datasets'],
        summary: 'A dataset: images of each class and split, origin, options, warnings, and what was left out',
        params: datasetParamsSchema,
        querystring: datasetQuerySchema,
        response: okResponse(ownedDatasetDetailSchema),
      },
    },
    async ({ caller, params, query }) => {
      const packed = await openDataset(datasets.project(caller.project), params.name, query.version);
      return { ...(await packed.readDetail()), shared: packed.shared };
    },
  );
};
