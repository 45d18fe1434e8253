import { jobParamsSchema, NotFoundError } from '@trainyard/contracts';
import { pictureResponse, sendPicture } from '#http/picture.js';
import type { Route } from '#routes/route.js';
import { nameOf } from '#services/charts/comparison.js';
import { drawConfusion } from '#services/charts/confusion.js';
import { findJob } from '#services/findJob.js';

export const jobConfusionPicture: Route = async (app) => {
  app.get(
    '/v1/jobs/:id/confusion.svg',
    {
      schema: {
        operationId: 'getJobConfusionPicture',
        tags: ['jobs'],
        summary: 'The confusion matrix of the test as an SVG picture',
        params: jobParamsSchema,
        response: pictureResponse,
      },
    },
    async (request, reply) => {
      const { project, params } = request;
      const job = await findJob(project, params.id);
      const results = await project.results.find(job.id);
      if (!results) throw new NotFoundError(`a test result of job ${job.id}, which is ${job.state},`);
      return sendPicture(reply, drawConfusion(nameOf(job), results));
    },
  );
};
