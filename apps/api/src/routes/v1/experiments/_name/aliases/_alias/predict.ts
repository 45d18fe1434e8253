import { aliasParamsSchema, predictQuerySchema } from '@trainyard/contracts';
import { answerImages, predictResponse, takePredictions } from '#routes/predictImages.js';
import type { Route } from '#routes/route.js';
import { aliasedCheckpoint } from '#services/findAlias.js';

/** POST /v1/experiments/{name}/aliases/{alias}/predict: a URL that stays while the alias moves. */
export const predictByAlias: Route<'predictions' | 'datasets'> = async (app, services) => {
  await takePredictions(app, services.predictions);
  app.post(
    '/v1/experiments/:name/aliases/:alias/predict',
    {
      config: { audited: false },
      schema: {
        operationId: 'predictByAlias',
        tags: ['checkpoints'],
        summary: 'Classify images, as predictImages does, by the checkpoint that an alias points to',
        params: aliasParamsSchema,
        querystring: predictQuerySchema,
        response: predictResponse,
      },
    },
    async (request, reply) => {
      const { project, params, query } = request;
      const { jobId: id, epoch } = await aliasedCheckpoint(project, params.name, params.alias);
      return answerImages(services, request, reply, { id, ref: String(epoch) }, query);
    },
  );
};
