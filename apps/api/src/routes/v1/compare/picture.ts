import { compareQuerySchema } from '@trainyard/contracts';
import { pictureResponse, sendPicture } from '#http/picture.js';
import type { Route } from '#routes/route.js';
import { drawComparison } from '#services/charts/comparison.js';
import { findJob } from '#services/findJob.js';

export const comparisonPicture: Route = async (app) => {
  app.get(
    '/v1/compare.svg',
    {
      schema: {
        operationId: 'getComparisonPicture',
        tags: ['results'],
        summary: 'Test accuracy with 95 % intervals and training time of jobs, as an SVG picture',
        querystring: compareQuerySchema.pick({ jobs: true }),
        response: pictureResponse,
      },
    },
    async (request, reply) => {
      const { project, query } = request;
      const jobs = await Promise.all(query.jobs.map((id) => findJob(project, id)));
      return sendPicture(reply, drawComparison(jobs));
    },
  );
};
