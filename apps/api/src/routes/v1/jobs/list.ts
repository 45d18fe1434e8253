import { jobSchema, listJobsQuerySchema, page } from '@trainyard/contracts';
import { answers } from '../../../http/responses.js';
import type { Route } from '../../route.js';

export const listJobs: Route = async (app) => {
  app.get(
    '/v1/jobs',
    {
      schema: {
        tags: ['jobs'],
        summary: 'Jobs, newest first, filtered by state, experiment and architecture',
        querystring: listJobsQuerySchema,
        response: answers(page(jobSchema)),
      },
    },
    async (request) => request.project.jobs.list(request.query),
  );
};
