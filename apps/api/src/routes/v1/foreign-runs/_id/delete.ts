import { foreignRunParamsSchema } from '@trainyard/contracts';
import { noContentResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const deleteForeignRun: Route = async (app) => {
  app.delete(
    '/v1/foreign-runs/:id',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'deleteForeignRun',
        tags: ['results'],
        summary: 'Delete an imported run with its metrics',
        params: foreignRunParamsSchema,
        response: noContentResponse('The run is deleted'),
      },
    },
    async (request, reply) => {
      await request.project.foreignRuns.delete(request.params.id);
      return reply.code(204).send(null);
    },
  );
};
