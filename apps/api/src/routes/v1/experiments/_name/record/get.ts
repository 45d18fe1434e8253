import { experimentParamsSchema, experimentRecordSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const getExperimentRecord: Route = async (app) => {
  app.get(
    '/v1/experiments/:name/record',
    {
      schema: {
        operationId: 'getExperimentRecord',
        tags: ['records'],
        summary: 'The aliases of an experiment and all their moves, for another installation',
        params: experimentParamsSchema,
        response: okResponse(experimentRecordSchema),
      },
    },
    ({ project, params }) => project.records.findAliases(params.name),
  );
};
