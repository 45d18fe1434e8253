import { jobParamsSchema, jobSchema } from '@trainyard/contracts';
import { accepts } from '../../../../http/responses.js';
import type { Route } from '../../../route.js';

export const retryJob: Route<'quotas' | 'wake'> = async (app, { quotas, wake }) => {
  app.post(
    '/v1/jobs/:id/retry',
    {
      config: { role: 'submitter' },
      schema: {
        tags: ['jobs'],
        summary: 'Run a failed or cancelled job again, from its last checkpoint where it has one',
        params: jobParamsSchema,
        response: accepts(jobSchema),
      },
    },
    async (request, reply) => {
      const job = await quotas.admit(request.caller, () => request.project.jobs.retry(request.params.id));
      wake();
      request.log.info({ attempt: job.attempt }, 'job retried');
      return reply.code(202).send(job);
    },
  );
};
