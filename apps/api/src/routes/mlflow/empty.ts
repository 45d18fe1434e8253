import type { FastifyInstance } from 'fastify';
import { query } from './read.js';

/** Registries and traces, of which there are none: without an answer, listing a folder of artifacts would fail. */
const searches = [
  ['POST', '/2.0/mlflow/logged-models/search'],
  ['POST', '/2.0/mlflow/experiments/search-datasets'],
  ['GET', '/2.0/mlflow/registered-models/search'],
  ['GET', '/2.0/mlflow/model-versions/search'],
  ['GET', '/2.0/mlflow/traces'],
  ['POST', '/3.0/mlflow/traces/search'],
] as const;

const serverInfo = {
  workspaces_enabled: false,
  multipart_uploads_enabled: false,
  multipart_downloads_enabled: false,
};

export function emptyRoutes(app: FastifyInstance, base: string): void {
  for (const [method, path] of searches)
    app.route({ method, url: `${base}${path}`, ...query, handler: async () => ({}) });
  app.get(`${base}/3.0/mlflow/server-info`, async () => serverInfo);
}
