import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { metricsOf, pointOf } from '#services/mlflow/entities.js';
import { findRun } from '#services/mlflow/findRun.js';
import { read } from './read.js';
import { runIdSchema } from './runs.js';

const historySchema = runIdSchema.extend({ metric_key: z.string() });

export function metricRoutes(app: FastifyInstance, url: string): void {
  /** All values in one answer: no job has more epochs than a page of MLflow has values. */
  app.get(`${url}/get-history`, async (request) => {
    const { metric_key: key, ...ids } = read(historySchema, request.query);
    const run = await findRun(request.project, ids);
    const points = await request.project.mlflow.history(run.id, key);
    if (points) return { metrics: points.map((point) => pointOf(key, run, point)) };
    return { metrics: metricsOf(run).filter((metric) => metric.key === key) };
  });
}
