import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { runOf } from '#services/mlflow/entities.js';
import { findRun } from '#services/mlflow/findRun.js';
import { offsetOf, pageToken } from '#services/mlflow/pageToken.js';
import { pageSchema, query, read } from './read.js';

const searchSchema = z.object({
  ...pageSchema.shape,
  experiment_ids: z.array(z.string()).max(10_000).nullish(),
  run_view_type: z.string().nullish(),
});

/** Clients send both, with the same value. */
export const runIdSchema = z.object({ run_id: z.string().optional(), run_uuid: z.string().optional() });

export function runRoutes(app: FastifyInstance, url: string): void {
  app.get(`${url}/get`, async (request) => ({
    run: runOf(await findRun(request.project, read(runIdSchema, request.query))),
  }));
  app.post(`${url}/search`, query, async (request) => {
    const { experiment_ids, run_view_type, ...input } = read(searchSchema, request.body);
    const { filter, order_by, page_token, max_results: limit } = input;
    const offset = offsetOf(page_token ?? undefined);
    // None is ever deleted without its rows.
    if (run_view_type === 'DELETED_ONLY') return {};
    const page = { filter: filter ?? '', orderBy: order_by ?? [], offset, limit: limit + 1 };
    const found = await request.project.mlflow.runs(experiment_ids ?? [], page);
    return {
      runs: found.slice(0, limit).map(runOf),
      ...(found.length > limit && { next_page_token: pageToken(offset + limit) }),
    };
  });
}
