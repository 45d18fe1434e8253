import { batchPredictionSchema, listBatchPredictionsQuerySchema, page } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const listBatchPredictions: Route = async (app) => {
  app.get(
    '/v1/predictions',
    {
      schema: {
        operationId: 'listBatchPredictions',
        tags: ['predictions'],
        summary: 'Predictions of many images of this project, newest first',
        querystring: listBatchPredictionsQuerySchema,
        response: okResponse(page(batchPredictionSchema)),
      },
    },
    ({ project, query }) => project.batches.list(query),
  );
};
