import { datasetParamsSchema, samplesQuerySchema } from '@trainyard/contracts';
import { drawSamples, gridPng } from '@trainyard/datasets';
import { z } from 'zod';
import { contentResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { openDataset } from '#services/openDataset.js';

/** The picture grows with the images: a request must not make one that fills the memory. */
const maxGridPixels = 64 * 1024 * 1024;

export const datasetSamples: Route<'datasets'> = async (app, { datasets }) => {
  app.get(
    '/v1/datasets/:name/samples',
    {
      schema: {
        operationId: 'getDatasetSamples',
        tags: ['datasets'],
        summary: 'A grid of images of the dataset, drawn by seed and ordered by class, as PNG',
        params: datasetParamsSchema,
        querystring: samplesQuerySchema,
        response: contentResponse('The grid', { 'image/png': { schema: z.string() } }),
      },
    },
    async (request, reply) => {
      const { version, split, class: className = null, count, columns, scale, seed, page } = request.query;
      const packed = await openDataset(datasets.project(request.caller.project), request.params.name, version);
      const { imageShape } = packed.dataset;
      const [height, width] = imageShape;
      const most = Math.max(1, Math.floor(maxGridPixels / ((height * scale + 2) * (width * scale + 2))));
      const drawn = await drawSamples(packed, { split, className, count: Math.min(count, most), seed, page });
      const png = await gridPng({ images: drawn.images, shape: imageShape, columns, scale });
      return reply.type('image/png').header('cache-control', 'private, max-age=60').send(png);
    },
  );
};
