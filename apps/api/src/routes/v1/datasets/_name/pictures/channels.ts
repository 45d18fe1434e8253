import { imageParamsSchema, imageQuerySchema } from '@trainyard/contracts';
import { readSample } from '@trainyard/datasets';
import { pictureResponse, sendPicture } from '#http/picture.js';
import type { Route } from '#routes/route.js';
import { drawChannels } from '#services/charts/channels.js';
import { openDataset } from '#services/openDataset.js';

export const channelsPicture: Route<'datasets'> = async (app, { datasets }) => {
  app.get(
    '/v1/datasets/:name/samples/:image/channels.svg',
    {
      schema: {
        operationId: 'getChannelsPicture',
        tags: ['datasets'],
        summary: 'Red, green and blue of an image of at most 64x64 pixels, each value in its cell, as an SVG picture',
        params: imageParamsSchema,
        querystring: imageQuerySchema,
        response: pictureResponse,
      },
    },
    async ({ caller, params, query }, reply) => {
      const packed = await openDataset(datasets.project(caller.project), params.name, query.version);
      const { pixels, label } = await readSample(packed, query.split, params.image);
      const { name, imageShape, classes } = packed.dataset;
      const title = `${query.split} image ${params.image} of ${name}: ${classes[label]}`;
      return sendPicture(reply, drawChannels(title, pixels, imageShape));
    },
  );
};
