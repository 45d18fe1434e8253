import { batchPredictionParamsSchema, batchPredictionSchema, NotFoundError } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const getBatchPrediction: Route = async (app) => {
  app.get(
    '/v1/predictions/:id',
    {
      schema: {
        operationId: 'getBatchPrediction',
        tags: ['predictions'],
        summary: 'A prediction of many images: its progress, size and digest of its results, or why it failed',
        params: batchPredictionParamsSchema,
        response: okResponse(batchPredictionSchema),
      },
    },
    async ({ params, project }) => {
      const found = await project.batches.find(params.id);
      if (found === null) throw new NotFoundError(`prediction ${params.id}`);
      return found;
    },
  );
};
