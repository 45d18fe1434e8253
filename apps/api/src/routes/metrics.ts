import { z } from 'zod';
import { answersContent } from '../http/responses.js';
import type { Route } from './route.js';

/** Of the whole service, all projects together: for who runs it. */
export const prometheusMetrics: Route<'metrics'> = async (app, { metrics }) => {
  app.get(
    '/metrics',
    {
      config: { role: 'admin' },
      schema: {
        tags: ['health'],
        summary: 'Metrics for Prometheus',
        response: answersContent('Metrics', { 'text/plain': { schema: z.string() } }),
      },
    },
    async (_request, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
};
