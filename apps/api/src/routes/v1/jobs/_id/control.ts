import { type Job, jobParamsSchema, jobSchema } from '@trainyard/contracts';
import type { Project } from '@trainyard/db';
import { acceptedResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

interface ControlRoute {
  verb: 'cancel' | 'pause' | 'resume' | 'retry';
  summary: string;
  apply(jobs: Project['jobs'], id: string): Promise<Job>;
  /** Whether the job goes into the queue: then the key's limits apply, and the dispatcher is woken. */
  queues: boolean;
  logMessage: string;
}

/**
 * A queued job is cancelled or paused at once. A running job goes on until its worker's next heartbeat reads the
 * request; before it pauses, the worker writes a checkpoint.
 */
const controlRoutes: ControlRoute[] = [
  {
    verb: 'cancel',
    summary: 'Cancel a job',
    apply: (jobs, id) => jobs.cancel(id),
    queues: false,
    logMessage: 'job cancelled',
  },
  {
    verb: 'pause',
    summary: 'Pause a job; a running one keeps what it has trained',
    apply: (jobs, id) => jobs.pause(id),
    queues: false,
    logMessage: 'job paused',
  },
  {
    verb: 'resume',
    summary: 'Resume a paused job from where it was paused',
    apply: (jobs, id) => jobs.resume(id),
    queues: true,
    logMessage: 'job resumed',
  },
  {
    verb: 'retry',
    summary: 'Run a failed or cancelled job again, from its last checkpoint where it has one',
    apply: (jobs, id) => jobs.retry(id),
    queues: true,
    logMessage: 'job retried',
  },
];

/** POST /v1/jobs/{id}/cancel, pause, resume and retry. */
export const controlJob: Route<'quotas' | 'wake'> = async (app, { quotas, wake }) => {
  for (const { verb, summary, apply, queues, logMessage } of controlRoutes) {
    app.post(
      `/v1/jobs/:id/${verb}`,
      {
        config: { role: 'submitter' },
        schema: {
          operationId: `${verb}Job`,
          tags: ['jobs'],
          summary,
          params: jobParamsSchema,
          response: acceptedResponse(jobSchema),
        },
      },
      async (request, reply) => {
        const change = () => apply(request.project.jobs, request.params.id);
        const job = queues ? await quotas.admit(request.caller, change) : await change();
        if (queues) wake();
        request.log.info({ state: job.state, attempt: job.attempt }, logMessage);
        return reply.code(202).send(job);
      },
    );
  }
};
