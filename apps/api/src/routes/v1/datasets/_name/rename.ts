import { datasetParamsSchema, listedDatasetSchema, page, renameDatasetBodySchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { changeableDataset } from '#services/changeableDataset.js';

export const renameDataset: Route<'datasets' | 'db'> = async (app, { datasets, db }) => {
  app.patch(
    '/v1/datasets/:name',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'renameDataset',
        tags: ['datasets'],
        summary: 'Rename a dataset with all its versions; refused while a job that has not ended needs it',
        params: datasetParamsSchema,
        body: renameDatasetBodySchema,
        response: okResponse(page(listedDatasetSchema)),
      },
    },
    async (request) => {
      const { name } = request.params;
      const { store, guard } = await changeableDataset({ datasets, db }, request.caller, name, null);
      const renamed = await store.rename(name, request.body.name, guard);
      const shared = store === datasets.shared;
      return { data: renamed.map((dataset) => ({ ...dataset, shared })), nextCursor: null };
    },
  );
};
