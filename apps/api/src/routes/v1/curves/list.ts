import { curveSchema, curvesQuerySchema, page } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { curvesOf } from '#services/compare/curves.js';

export const listCurves: Route = async (app) => {
  app.get(
    '/v1/curves',
    {
      schema: {
        operationId: 'listCurves',
        tags: ['results'],
        summary: 'Losses and accuracies over the epochs of up to 100 jobs',
        querystring: curvesQuerySchema,
        response: okResponse(page(curveSchema)),
      },
    },
    async ({ project, query: { jobs: ids, axis, points } }) => {
      const rows = await project.metrics.curves(ids, points);
      return { data: curvesOf(ids, axis, rows), nextCursor: null };
    },
  );
};
