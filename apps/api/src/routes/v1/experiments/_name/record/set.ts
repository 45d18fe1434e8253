import { experimentParamsSchema, experimentRecordSchema, maxRecordBytes } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const importExperimentRecord: Route = async (app) => {
  app.put(
    '/v1/experiments/:name/record',
    {
      bodyLimit: maxRecordBytes,
      config: { role: 'admin' },
      schema: {
        operationId: 'importExperimentRecord',
        tags: ['records'],
        summary: 'Import the aliases of an experiment, with their moves',
        description: 'Repeated, the request changes nothing. An alias that points elsewhere here is not moved (409).',
        params: experimentParamsSchema,
        body: experimentRecordSchema,
        response: okResponse(experimentRecordSchema),
      },
    },
    async ({ project, params: { name }, body }) => {
      await project.records.storeAliases(name, body);
      return project.records.findAliases(name);
    },
  );
};
