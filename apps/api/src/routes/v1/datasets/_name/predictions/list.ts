import {
  datasetParamsSchema,
  datasetPredictionPageSchema,
  datasetPredictionsQuerySchema,
  imagePredictionsSchema,
} from '@trainyard/contracts';
import { z } from 'zod';
import { csvMediaType, toCsv } from '#http/csv.js';
import { contentResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { openDataset } from '#services/openDataset.js';

const columns = imagePredictionsSchema.keyof().options;

const missing = 'no run of this project was tested on this version of the dataset and has its predictions kept';

export const datasetPredictions: Route<'datasets'> = async (app, { datasets }) => {
  app.get(
    '/v1/datasets/:name/predictions',
    {
      schema: {
        operationId: 'listDatasetPredictions',
        tags: ['datasets'],
        summary: 'Test images that runs miss, that none gets right, or whose label is probably wrong',
        params: datasetParamsSchema,
        querystring: datasetPredictionsQuerySchema,
        response: contentResponse('Images: those with the most misses first; a page of them in both formats', {
          'application/json': { schema: datasetPredictionPageSchema },
          'text/csv': { schema: z.string() },
        }),
      },
    },
    async ({ caller, project, params, query }, reply) => {
      const { dataset } = await openDataset(datasets.project(caller.project), params.name, query.version);
      const found = await project.predictions.ofSplit(dataset, query);
      if (query.format === 'json') return { ...found, missing: found.runs.length > 0 ? null : missing };
      reply.header('content-disposition', `attachment; filename="${params.name}-predictions.csv"`);
      return reply.type(csvMediaType).send(toCsv(found.data, columns));
    },
  );
};
