import { Readable } from 'node:stream';
import { datasetParamsSchema, datasetQuerySchema } from '@trainyard/contracts';
import { exportTar } from '@trainyard/datasets';
import { z } from 'zod';
import { contentResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { openDataset } from '#services/openDataset.js';

export const exportDataset: Route<'datasets'> = async (app, { datasets }) => {
  app.get(
    '/v1/datasets/:name/export',
    {
      config: { audited: true },
      schema: {
        operationId: 'exportDataset',
        tags: ['datasets'],
        summary: 'The dataset as a tar of PNG files: train/<class>/0000001.png and so on, which imports again',
        params: datasetParamsSchema,
        querystring: datasetQuerySchema,
        response: contentResponse('The archive', { 'application/x-tar': { schema: z.string() } }),
      },
    },
    async (request, reply) => {
      const packed = await openDataset(
        datasets.project(request.caller.project),
        request.params.name,
        request.query.version,
      );
      const { name, version } = packed.dataset;
      reply.type('application/x-tar');
      reply.header('content-disposition', `attachment; filename="${name}-${version}.tar"`);
      return reply.send(Readable.from(exportTar(packed)));
    },
  );
};
