import { NotFoundError } from '@trainyard/contracts';
import type { MlflowExperiment } from '@trainyard/db';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { experimentOf } from '#services/mlflow/entities.js';
import { offsetOf, pageToken } from '#services/mlflow/pageToken.js';
import { pageSchema, query, read } from './read.js';

/** The web interface sends its search as a query, clients as a body. */
const searchSchema = z.object({ ...pageSchema.shape, view_type: z.string().nullish() });

export function experimentRoutes(app: FastifyInstance, url: string): void {
  app.get(`${url}/get`, async (request) => {
    const { experiment_id: id } = read(z.object({ experiment_id: z.string() }), request.query);
    return answer(await request.project.mlflow.experiment({ id }), id);
  });
  app.get(`${url}/get-by-name`, async (request) => {
    const { experiment_name: name } = read(z.object({ experiment_name: z.string() }), request.query);
    return answer(await request.project.mlflow.experiment({ name }), name);
  });
  app.route({
    method: ['GET', 'POST'],
    url: `${url}/search`,
    ...query,
    handler: async (request) => {
      const input = read(searchSchema, request.method === 'POST' ? request.body : request.query);
      // None is ever deleted: a name without jobs is gone.
      if (input.view_type === 'DELETED_ONLY') return {};
      const { filter, order_by, page_token, max_results: limit } = input;
      const offset = offsetOf(page_token ?? undefined);
      const page = { filter: filter ?? '', orderBy: order_by ?? [], offset, limit: limit + 1 };
      const found = await request.project.mlflow.experiments(page);
      return {
        experiments: found.slice(0, limit).map(experimentOf),
        ...(found.length > limit && { next_page_token: pageToken(offset + limit) }),
      };
    },
  });
}

function answer(experiment: MlflowExperiment | null, which: string) {
  if (!experiment) throw new NotFoundError(`experiment ${which}`);
  return { experiment: experimentOf(experiment) };
}
