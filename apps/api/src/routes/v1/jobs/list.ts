import { jobSchema, listJobsQuerySchema, page } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const listJobs: Route = async (app) => {
  app.get(
    '/v1/jobs',
    {
      schema: {
        operationId: 'listJobs',
        tags: ['jobs'],
        summary: 'Jobs, newest first, filtered by state, experiment and architecture',
        querystring: listJobsQuerySchema,
        response: okResponse(page(jobSchema)),
      },
    },
    async (request) => request.project.jobs.list(request.query),
  );
};
