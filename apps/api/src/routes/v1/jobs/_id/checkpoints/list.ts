import { checkpointSchema, jobParamsSchema, page } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { findJob } from '#services/findJob.js';

export const listCheckpoints: Route = async (app) => {
  app.get(
    '/v1/jobs/:id/checkpoints',
    {
      schema: {
        operationId: 'listCheckpoints',
        tags: ['checkpoints'],
        summary: 'The checkpoints that a job keeps',
        params: jobParamsSchema,
        response: okResponse(page(checkpointSchema)),
      },
    },
    async (request) => {
      const { id } = request.params;
      await findJob(request.project, id);
      return { data: await request.project.checkpoints.list(id), nextCursor: null };
    },
  );
};
