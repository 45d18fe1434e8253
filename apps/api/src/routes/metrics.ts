import { z } from 'zod';
import { checkManagesAll } from '../http/managedProject.js';
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
    async (request, reply) => {
      checkManagesAll(request.caller);
      return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
    },
  );
};
