import { checkpointSchema, jobParamsSchema, page } from '@trainyard/contracts';
import { findJob } from '../../../../../http/findJob.js';
import { answers } from '../../../../../http/responses.js';
import type { Route } from '../../../../route.js';

export const listCheckpoints: Route = async (app) => {
  app.get(
    '/v1/jobs/:id/checkpoints',
    {
      schema: {
        tags: ['checkpoints'],
        summary: 'The checkpoints that a job keeps',
        params: jobParamsSchema,
        response: answers(page(checkpointSchema)),
      },
    },
    async (request) => {
      const { id } = request.params;
      await findJob(request.project, id);
      return { data: await request.project.checkpoints.list(id), nextCursor: null };
    },
  );
};
