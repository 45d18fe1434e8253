import { jobParamsSchema, NotFoundError } from '@trainyard/contracts';
import { pictureResponse, sendPicture } from '#http/picture.js';
import type { Route } from '#routes/route.js';
import { nameOf } from '#services/charts/comparison.js';
import { drawCurves } from '#services/charts/curves.js';
import { findJob } from '#services/findJob.js';

export const jobCurvesPicture: Route = async (app) => {
  app.get(
    '/v1/jobs/:id/curves.svg',
    {
      schema: {
        operationId: 'getJobCurvesPicture',
        tags: ['jobs'],
        summary: 'Loss and accuracy over epochs as an SVG picture',
        params: jobParamsSchema,
        response: pictureResponse,
      },
    },
    async (request, reply) => {
      const { project, params } = request;
      const job = await findJob(project, params.id);
      const epochs = await project.metrics.list(job.id);
      if (epochs.length === 0) throw new NotFoundError(`an epoch of job ${job.id}, which is ${job.state},`);
      return sendPicture(reply, drawCurves(nameOf(job), epochs));
    },
  );
};
