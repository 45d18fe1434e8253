import { jobParamsSchema } from '@trainyard/contracts';
import { deleteJob } from '../../../../deleteJob.js';
import { answersNothing } from '../../../../http/responses.js';
import type { Route } from '../../../route.js';

export const deleteJobRoute: Route<'artifacts'> = async (app, { artifacts }) => {
  app.delete(
    '/v1/jobs/:id',
    {
      config: { role: 'submitter' },
      schema: {
        tags: ['jobs'],
        summary: 'Delete a job that has ended, with its rows and files',
        params: jobParamsSchema,
        response: answersNothing('It is gone'),
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
