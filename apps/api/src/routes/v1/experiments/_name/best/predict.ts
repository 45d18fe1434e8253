import { experimentParamsSchema, predictQuerySchema } from '@trainyard/contracts';
import { answerImages, predictResponse, takePredictions } from '#routes/predictImages.js';
import type { Route } from '#routes/route.js';
import { findBestJob } from '#services/bestJob.js';

/** POST /v1/experiments/{name}/best/predict: by the best checkpoint of the experiment's best job. */
export const predictByBest: Route<'predictions' | 'datasets'> = async (app, services) => {
  await takePredictions(app, services.predictions);
  app.post(
    '/v1/experiments/:name/best/predict',
    {
      config: { audited: false },
      schema: {
        operationId: 'predictByBest',
        tags: ['checkpoints'],
        summary: 'Classify images, as predictImages does, by the job of an experiment with the best test accuracy',
        params: experimentParamsSchema,
        querystring: predictQuerySchema,
        response: predictResponse,
      },
    },
    async (request, reply) => {
      const id = await findBestJob(request.project, request.params.name);
      return answerImages(services, request, reply, { id, ref: 'best' }, request.query);
    },
  );
};
