import { jobParamsSchema, jobSchema } from '@trainyard/contracts';
import { accepts } from '../../../../http/responses.js';
import type { Route } from '../../../route.js';

export const resumeJob: Route<'quotas' | 'wake'> = async (app, { quotas, wake }) => {
  app.post(
    '/v1/jobs/:id/resume',
    {
      config: { role: 'submitter' },
      schema: {
        tags: ['jobs'],
        summary: 'Let a paused job go on where it stood',
        params: jobParamsSchema,
        response: accepts(jobSchema),
      },
    },
    async (request, reply) => {
      const job = await quotas.admit(request.caller, () => request.project.jobs.resume(request.params.id));
      wake();
      request.log.info({ state: job.state }, 'job resumed');
      return reply.code(202).send(job);
    },
  );
};
