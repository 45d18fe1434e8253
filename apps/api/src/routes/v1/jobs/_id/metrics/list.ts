import { epochMetricsSchema, jobParamsSchema, metricsQuerySchema, page } from '@trainyard/contracts';
import { z } from 'zod';
import { csvMediaType, toCsv } from '#http/csv.js';
import { contentResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { findJob } from '#services/findJob.js';

const columns = epochMetricsSchema.keyof().options;

export const jobMetrics: Route = async (app) => {
  app.get(
    '/v1/jobs/:id/metrics',
    {
      schema: {
        operationId: 'getJobMetrics',
        tags: ['jobs'],
        summary: 'One row per epoch, as JSON or CSV',
        params: jobParamsSchema,
        querystring: metricsQuerySchema,
        response: contentResponse('Rows in the order of epochs', {
          'application/json': { schema: page(epochMetricsSchema) },
          'text/csv': { schema: z.string() },
        }),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await findJob(request.project, id);
      const data = await request.project.metrics.list(id);
      if (request.query.format === 'json') return { data, nextCursor: null };
      reply.header('content-disposition', `attachment; filename="${id}-metrics.csv"`);
      return reply.type(csvMediaType).send(toCsv(data, columns));
    },
  );
};
