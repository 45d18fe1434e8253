import { z } from 'zod';
import { contentResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { checkManagesAll } from '#services/managedProject.js';

/** Covers all projects, so it needs an admin key of the default project. */
export const prometheusMetrics: Route<'metrics'> = async (app, { metrics }) => {
  app.get(
    '/metrics',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'getPrometheusMetrics',
        tags: ['health'],
        summary: 'Metrics for Prometheus',
        response: contentResponse('Metrics', { 'text/plain': { schema: z.string() } }),
      },
    },
    async (request, reply) => {
      checkManagesAll(request.caller);
      return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
    },
  );
};
