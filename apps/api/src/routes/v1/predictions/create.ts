import { batchPredictionSchema, newBatchPredictionSchema } from '@trainyard/contracts';
import { acceptedResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { createBatch } from '#services/batches/createBatch.js';

export const createBatchPrediction: Route<'uploads' | 'datasets' | 'quotas'> = async (app, services) => {
  app.post(
    '/v1/predictions',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'createBatchPrediction',
        tags: ['predictions'],
        summary: 'Classify the images of a dataset, or of an uploaded archive, as queued work',
        description:
          'By the checkpoint of a job (`jobId`, `checkpoint`), of the best job of an experiment (`experiment`), or ' +
          'of an alias (`experiment`, `alias`). It survives restarts of the service, and counts for the limits of ' +
          'queued jobs and of training seconds.',
        body: newBatchPredictionSchema,
        response: acceptedResponse(batchPredictionSchema),
      },
    },
    async (request, reply) => {
      const { uploads, quotas } = services;
      const datasets = services.datasets.project(request.caller.project);
      const created = await createBatch(request, { uploads, quotas, datasets }, request.body);
      request.createdId = created.id;
      return reply.code(202).locate(`/v1/predictions/${created.id}`).send(created);
    },
  );
};
