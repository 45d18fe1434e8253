import { curveSchema, curvesQuerySchema, NotFoundError, page } from '@trainyard/contracts';
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
      const [versions, rows] = await Promise.all([
        Promise.all(ids.map((id) => project.jobs.version(id))),
        project.metrics.curves(ids, points),
      ]);
      const unknown = ids.find((_, i) => versions[i] === null);
      if (unknown !== undefined) throw new NotFoundError(`job ${unknown}`);
      return { data: curvesOf(ids, axis, rows), nextCursor: null };
    },
  );
};
