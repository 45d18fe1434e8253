import { datasetParamsSchema, samplesPictureQuerySchema } from '@trainyard/contracts';
import { pngResponse, sendPicture } from '#http/picture.js';
import type { Route } from '#routes/route.js';
import { drawSamplesPicture } from '#services/charts/samples.js';
import { openDataset } from '#services/openDataset.js';

export const samplesPicture: Route<'datasets'> = async (app, { datasets }) => {
  app.get(
    '/v1/datasets/:name/samples.png',
    {
      schema: {
        operationId: 'getSamplesPicture',
        tags: ['datasets'],
        summary: 'A grid of images of the dataset with the class and the index of each below it, as PNG',
        params: datasetParamsSchema,
        querystring: samplesPictureQuerySchema,
        response: pngResponse,
      },
    },
    async ({ caller, params, query }, reply) => {
      const packed = await openDataset(datasets.project(caller.project), params.name, query.version);
      return sendPicture(reply, await drawSamplesPicture(packed, query));
    },
  );
};
