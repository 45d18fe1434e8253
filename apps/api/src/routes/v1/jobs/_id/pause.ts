import { jobParamsSchema, jobSchema } from '@trainyard/contracts';
import { accepts } from '../../../../http/responses.js';
import type { Route } from '../../../route.js';

/** A waiting job is paused at once; a running one is told by its worker's next heartbeat, and writes a checkpoint first. */
export const pauseJob: Route = async (app) => {
  app.post(
    '/v1/jobs/:id/pause',
    {
      config: { role: 'submitter' },
      schema: {
        tags: ['jobs'],
        summary: 'Pause a job; a running one keeps what it has trained',
        params: jobParamsSchema,
        response: accepts(jobSchema),
      },
    },
    async (request, reply) => {
      const job = await request.project.jobs.pause(request.params.id);
      request.log.info({ state: job.state }, 'job paused');
      return reply.code(202).send(job);
    },
  );
};
