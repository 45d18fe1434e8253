import { foreignMetricQuerySchema, foreignMetricSchema, foreignRunParamsSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const foreignMetric: Route = async (app) => {
  app.get(
    '/v1/foreign-runs/:id/metrics',
    {
      schema: {
        operationId: 'getForeignMetric',
        tags: ['results'],
        summary: 'The whole history of one metric of an imported run',
        params: foreignRunParamsSchema,
        querystring: foreignMetricQuerySchema,
        response: okResponse(foreignMetricSchema),
      },
    },
    async (request) => request.project.foreignRuns.metric(request.params.id, request.query.key),
  );
};
