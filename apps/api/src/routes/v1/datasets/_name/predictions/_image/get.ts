import { imageParamsSchema, imageRunPageSchema, imageRunsQuerySchema, NotFoundError } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { openDataset } from '#services/openDataset.js';

export const imageRuns: Route<'datasets'> = async (app, { datasets }) => {
  app.get(
    '/v1/datasets/:name/predictions/:image',
    {
      schema: {
        operationId: 'listImageRuns',
        tags: ['datasets'],
        summary: 'What each tested run said of one test image, newest run first',
        params: imageParamsSchema,
        querystring: imageRunsQuerySchema,
        response: okResponse(imageRunPageSchema),
      },
    },
    async ({ caller, project, params, query }) => {
      const { dataset } = await openDataset(datasets.project(caller.project), params.name, query.version);
      const { name, testImages } = dataset;
      if (params.image >= testImages)
        throw new NotFoundError(`test image ${params.image} of ${name}, which has the images 0 to ${testImages - 1},`);
      return project.predictions.ofImage(dataset, params.image, query);
    },
  );
};
