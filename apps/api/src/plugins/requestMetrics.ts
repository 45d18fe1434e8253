import plugin from 'fastify-plugin';
import type { ServiceMetrics } from '#services/serviceMetrics.js';

/** Times every response. Labelled by the route, not the URL: an unlimited number of labels would exhaust memory. */
export const requestMetrics = plugin<{ metrics: ServiceMetrics }>(async (app, { metrics }) => {
  app.addHook('onResponse', async ({ method, routeOptions }, { statusCode, elapsedTime }) => {
    metrics.observeRequest({ method, route: routeOptions.url ?? 'none', status: statusCode }, elapsedTime / 1000);
  });
});
