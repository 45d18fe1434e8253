import { jobParamsSchema, jobSchema } from '@trainyard/contracts';
import { sendTagged } from '../../../../http/etag.js';
import { findJob } from '../../../../http/findJob.js';
import { answers } from '../../../../http/responses.js';
import type { Route } from '../../../route.js';

/** Seconds after which a client that polls should ask again; progress is stored about once a second. */
const pollSeconds = 1;

export const getJob: Route = async (app) => {
  app.get(
    '/v1/jobs/:id',
    {
      schema: {
        tags: ['jobs'],
        summary: 'A job with its state and progress; ETag and If-None-Match, Retry-After until it is terminal',
        params: jobParamsSchema,
        response: answers(jobSchema),
      },
    },
    async (request, reply) => {
      const job = await findJob(request.project, request.params.id);
      if (!job.terminal) reply.header('retry-after', pollSeconds);
      return sendTagged(request, reply, job);
    },
  );
};
