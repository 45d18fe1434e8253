import plugin from 'fastify-plugin';
import type { ServiceMetrics } from '../metrics.js';

/** Times every answer by its route, never by its URL, of which there are endlessly many. */
export const requestMetrics = plugin<{ metrics: ServiceMetrics }>(async (app, { metrics }) => {
  app.addHook('onResponse', async ({ method, routeOptions }, { statusCode, elapsedTime }) => {
    metrics.request({ method, route: routeOptions.url ?? 'none', status: statusCode }, elapsedTime / 1000);
  });
});
