import { batchPredictionParamsSchema, batchPredictionSchema } from '@trainyard/contracts';
import { acceptedResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const cancelBatchPrediction: Route<'uploads'> = async (app, { uploads }) => {
  app.post(
    '/v1/predictions/:id/cancel',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'cancelBatchPrediction',
        tags: ['predictions'],
        summary: 'Cancel a prediction of many images',
        description:
          'Cancel a prediction: at once where it waits, within some seconds where it runs; its upload is removed. ' +
          '202: the prediction was changed. 200: there was nothing to do, as it is being cancelled or is cancelled: ' +
          'the request can be repeated when its answer was lost. 409: it has succeeded or failed.',
        params: batchPredictionParamsSchema,
        response: { ...acceptedResponse(batchPredictionSchema), 200: batchPredictionSchema },
      },
    },
    async (request, reply) => {
      const { caller, params, project } = request;
      const { cancelled, changed } = await project.batches.cancel(params.id);
      // One that runs removes its upload itself when it has stopped.
      if (cancelled.terminal && cancelled.source.kind === 'upload') {
        await uploads.remove(caller.project, cancelled.source.uploadId);
      }
      if (!changed) return reply.code(200).send(cancelled);
      request.log.info({ predictionId: params.id, state: cancelled.state }, 'prediction cancelled');
      return reply.code(202).send(cancelled);
    },
  );
};
