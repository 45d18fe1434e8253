import { Readable } from 'node:stream';
import {
  jobParamsSchema,
  maxPredictedImages,
  NotFoundError,
  type PredictionsQuery,
  predictionPageSchema,
  predictionSchema,
  predictionsQuerySchema,
} from '@trainyard/contracts';
import type { JobPredictions } from '@trainyard/db';
import { z } from 'zod';
import { csvMediaType, toCsv } from '#http/csv.js';
import { contentResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { findJob } from '#services/findJob.js';

const columns = predictionSchema.keyof().options;
/** Rows of an export that are in memory as text at once. */
const exportPageSize = 5000;

function* csvOf(predictions: JobPredictions | null, query: PredictionsQuery): Generator<string> {
  yield toCsv([], columns);
  const images = predictions?.select(query) ?? new Uint32Array(0);
  for (let first = 0; first < images.length; first += exportPageSize) {
    const rows = Array.from(images.subarray(first, first + exportPageSize), (image) => predictions?.row(image));
    yield toCsv(
      rows.filter((row) => row !== undefined),
      columns,
      false,
    );
  }
}

const missing =
  'predictions are kept since the version that introduced them, for test splits of up to ' +
  `${maxPredictedImages} images: train the job's spec again to have them`;

export const jobPredictions: Route = async (app) => {
  app.get(
    '/v1/jobs/:id/predictions',
    {
      schema: {
        operationId: 'listJobPredictions',
        tags: ['jobs'],
        summary: 'What the tested network said of each test image: a page, or as CSV all that match',
        params: jobParamsSchema,
        querystring: predictionsQuerySchema,
        response: contentResponse('Rows', {
          'application/json': { schema: predictionPageSchema },
          'text/csv': { schema: z.string() },
        }),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const predictions = await request.project.predictions.find(id);
      if (predictions === null) {
        const job = await findJob(request.project, id);
        if (!job.test) throw new NotFoundError(`a test result of job ${id}, which is ${job.state},`);
      }
      if (request.query.format === 'csv') {
        // Thrown here, before the answer begins, where the query names an unknown class.
        predictions?.page({ ...request.query, limit: 1 });
        reply.header('content-disposition', `attachment; filename="${id}-predictions.csv"`);
        return reply.type(csvMediaType).send(Readable.from(csvOf(predictions, request.query)));
      }
      if (predictions === null) return { data: [], nextCursor: null, images: null, matched: 0, missing };
      return { ...predictions.page(request.query), images: predictions.images, missing: null };
    },
  );
};
