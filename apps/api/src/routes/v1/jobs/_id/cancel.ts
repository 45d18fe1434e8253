import { jobParamsSchema, jobSchema } from '@trainyard/contracts';
import { accepts } from '../../../../http/responses.js';
import type { Route } from '../../../route.js';

/** A waiting job is cancelled at once; a running one is told by its worker's next heartbeat. */
export const cancelJob: Route = async (app) => {
  app.post(
    '/v1/jobs/:id/cancel',
    {
      config: { role: 'submitter' },
      schema: {
        tags: ['jobs'],
        summary: 'Cancel a job',
        params: jobParamsSchema,
        response: accepts(jobSchema),
      },
    },
    async (request, reply) => {
      const job = await request.project.jobs.cancel(request.params.id);
      request.log.info({ state: job.state }, 'job cancelled');
      return reply.code(202).send(job);
    },
  );
};
