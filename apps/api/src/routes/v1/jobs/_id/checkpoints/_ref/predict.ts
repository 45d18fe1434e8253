import { checkpointParamsSchema, predictQuerySchema } from '@trainyard/contracts';
import { answerImages, predictResponse, takePredictions } from '#routes/predictImages.js';
import type { Route } from '#routes/route.js';

/** POST /v1/jobs/{id}/checkpoints/{ref}/predict: images in, classes with probabilities out. */
export const predictImages: Route<'predictions' | 'datasets'> = async (app, services) => {
  await takePredictions(app, services.predictions);
  app.post(
    '/v1/jobs/:id/checkpoints/:ref/predict',
    {
      config: { audited: false },
      schema: {
        operationId: 'predictImages',
        tags: ['checkpoints'],
        summary: 'Classify one image (the body) or many (files of a form) by a checkpoint',
        description:
          'JPEG, PNG, WebP, GIF (the first frame), TIFF, AVIF, BMP or PNM of any size, as the first bytes say; it is ' +
          'brought to the size of the network as the images of its dataset were. `input=png` answers with the image ' +
          'that the network saw. The limits are settings of the service, 64 images and 32 MiB by default.',
        params: checkpointParamsSchema,
        querystring: predictQuerySchema,
        response: predictResponse,
      },
    },
    (request, reply) => answerImages(services, request, reply, request.params, request.query),
  );
};
