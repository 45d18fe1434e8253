import { batchPredictionParamsSchema } from '@trainyard/contracts';
import { noContentResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const deleteBatchPrediction: Route<'batchFiles'> = async (app, { batchFiles }) => {
  app.delete(
    '/v1/predictions/:id',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'deleteBatchPrediction',
        tags: ['predictions'],
        summary: 'Delete a prediction that is over, with its results',
        params: batchPredictionParamsSchema,
        response: noContentResponse('Deleted'),
      },
    },
    async ({ caller, params, project, log }, reply) => {
      const folder = await project.batches.delete(params.id);
      if (folder !== null) await batchFiles.remove(caller.project, folder);
      log.info({ predictionId: params.id }, 'prediction deleted');
      return reply.code(204).send(null);
    },
  );
};
