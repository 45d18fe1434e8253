import { datasetParamsSchema, datasetQuerySchema } from '@trainyard/contracts';
import { noContentResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { changeableDataset } from '#services/changeableDataset.js';

export const deleteDataset: Route<'datasets' | 'db'> = async (app, { datasets, db }) => {
  app.delete(
    '/v1/datasets/:name',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'deleteDataset',
        tags: ['datasets'],
        summary: 'Delete a version of a dataset, or all; refused while a job that has not ended needs it',
        params: datasetParamsSchema,
        querystring: datasetQuerySchema,
        response: noContentResponse('Deleted'),
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { version = null } = request.query;
      const { store, guard } = await changeableDataset({ datasets, db }, request.caller, name, version);
      const removed = await store.remove(name, version, guard);
      request.log.info({ dataset: name, versions: removed }, 'dataset deleted');
      return reply.code(204).send(null);
    },
  );
};
