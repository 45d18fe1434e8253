import { jobParamsSchema, NotFoundError, testResultsSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { findJob } from '#services/findJob.js';

export const jobResults: Route = async (app) => {
  app.get(
    '/v1/jobs/:id/results',
    {
      schema: {
        operationId: 'getJobResults',
        tags: ['jobs'],
        summary: 'Test results: overall, per class, and the confusion matrix',
        params: jobParamsSchema,
        response: okResponse(testResultsSchema),
      },
    },
    async (request) => {
      const { id } = request.params;
      const results = await request.project.results.find(id);
      if (results) return results;
      const job = await findJob(request.project, id);
      throw new NotFoundError(`a test result of job ${id}, which is ${job.state},`);
    },
  );
};
