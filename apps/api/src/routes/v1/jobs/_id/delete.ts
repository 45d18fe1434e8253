import { jobParamsSchema } from '@trainyard/contracts';
import { noContentResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { deleteJob } from '#services/deleteJob.js';

export const deleteJobRoute: Route<'artifacts'> = async (app, { artifacts }) => {
  app.delete(
    '/v1/jobs/:id',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'deleteJob',
        tags: ['jobs'],
        summary: 'Delete a job that has ended, with its rows and files',
        params: jobParamsSchema,
        response: noContentResponse('The job is deleted'),
      },
    },
    async (request, reply) => {
      const { project, log } = request;
      await deleteJob({ project, artifacts, log }, request.params.id);
      log.info('job deleted');
      return reply.code(204).send(null);
    },
  );
};
