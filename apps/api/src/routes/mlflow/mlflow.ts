import type { FastifyInstance } from 'fastify';
import type { Route } from '#routes/route.js';
import { artifactRoutes } from './artifacts.js';
import { emptyRoutes } from './empty.js';
import { sendError, sendMlflowError } from './errors.js';
import { experimentRoutes } from './experiments.js';
import { metricRoutes } from './metrics.js';
import { runRoutes } from './runs.js';

/** MLflow's clients ask below the first, its web interface below the second. */
const bases = ['/api', '/ajax-api'];

/**
 * What MLflow's clients read of a tracking server, over the jobs of the key's project: see docs/mlflow.md. The OpenAPI
 * document does not have it: it is MLflow's API, whose clients bring their own description. Its errors have MLflow's
 * form, and it takes queries and fields that it does not know, as MLflow does.
 */
export const mlflowApi: Route<'artifacts'> = async (app, { artifacts }) => {
  app.setErrorHandler(sendMlflowError);
  app.addHook('onRoute', (route) => {
    route.schema = { ...route.schema, hide: true };
  });
  for (const base of bases) {
    const v2 = `${base}/2.0`;
    experimentRoutes(app, `${v2}/mlflow/experiments`);
    runRoutes(app, `${v2}/mlflow/runs`);
    metricRoutes(app, `${v2}/mlflow/metrics`);
    artifactRoutes(app, v2, artifacts);
    emptyRoutes(app, base);
    refuseOthers(app, `${base}/*`);
  }
};

/** All that writes too: clients show the reason, and do not try again. */
function refuseOthers(app: FastifyInstance, url: string): void {
  app.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url,
    config: { reads: true, audited: false },
    handler: async ({ method, url: asked }, reply) => {
      const message = `there is no ${method} ${asked.split('?')[0]} here: this API of MLflow can only be read`;
      return sendError(reply.code(404), { error_code: 'ENDPOINT_NOT_FOUND', message });
    },
  });
}
