import { experimentSchema, experimentsQuerySchema, page } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const listExperiments: Route = async (app) => {
  app.get(
    '/v1/experiments',
    {
      schema: {
        operationId: 'listExperiments',
        tags: ['jobs'],
        summary: 'Experiments by name, with their jobs by state, best test accuracy and last activity',
        querystring: experimentsQuerySchema,
        response: okResponse(page(experimentSchema)),
      },
    },
    async (request) => request.project.jobs.experiments(request.query),
  );
};
