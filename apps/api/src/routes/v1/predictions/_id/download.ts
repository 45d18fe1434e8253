import { batchDownloadQuerySchema, batchPredictionParamsSchema, ConflictError } from '@trainyard/contracts';
import { z } from 'zod';
import { csvMediaType } from '#http/csv.js';
import { parquetMediaType } from '#http/parquet.js';
import { contentResponse } from '#http/responses.js';
import { sendFile } from '#http/sendFile.js';
import type { Route } from '#routes/route.js';

/** GET and HEAD: the results as one file, whole or a range of it. */
export const downloadBatchPrediction: Route<'batchFiles'> = async (app, { batchFiles }) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/v1/predictions/:id/download',
    config: { audited: true },
    schema: {
      operationId: 'downloadBatchPrediction',
      tags: ['predictions'],
      summary: 'Download the results of a prediction of many images: a row an image, as CSV or Parquet',
      params: batchPredictionParamsSchema,
      querystring: batchDownloadQuerySchema,
      response: contentResponse('The file', {
        'text/csv': { schema: z.string() },
        [parquetMediaType]: { schema: z.string() },
      }),
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const { format } = request.query;
      const found = await request.project.batches.results(id);
      if (found === null) throw new ConflictError(`the prediction ${id} has no results (yet); its state says why`);
      return sendFile(request, reply, {
        path: batchFiles.file(request.caller.project, found.folder, format),
        ...found.results[format],
        fileName: `${id}.${format}`,
        mediaType: format === 'csv' ? csvMediaType : parquetMediaType,
      });
    },
  });
};
