import { jobParamsSchema, jobSchema } from '@trainyard/contracts';
import type { CommandName } from '@trainyard/db';
import { acceptedResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

interface ControlRoute {
  verb: CommandName;
  summary: string;
  /** States in which the job stays as it is; for the documentation. */
  done: string;
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
    done: 'cancelling or cancelled',
    queues: false,
    logMessage: 'job cancelled',
  },
  {
    verb: 'pause',
    summary: 'Pause a job; a running one keeps what it has trained',
    done: 'pausing or paused',
    queues: false,
    logMessage: 'job paused',
  },
  {
    verb: 'resume',
    summary: 'Resume a paused job from where it was paused',
    done: 'queued or running',
    queues: true,
    logMessage: 'job resumed',
  },
  {
    verb: 'retry',
    summary: 'Run a failed or cancelled job again, from its last checkpoint where it has one',
    done: 'queued or running',
    queues: true,
    logMessage: 'job retried',
  },
];

const described = ({ summary, done }: ControlRoute): string =>
  `${summary}. 202: the job was changed. 200: there was nothing to do, since it is ${done}; so the request can be ` +
  'repeated when its answer was lost. 409: the state of the job does not allow it.';

/** POST /v1/jobs/{id}/cancel, pause, resume and retry. */
export const controlJob: Route<'quotas' | 'wake'> = async (app, { quotas, wake }) => {
  for (const route of controlRoutes) {
    const { verb, summary, queues, logMessage } = route;
    app.post(
      `/v1/jobs/:id/${verb}`,
      {
        config: { role: 'submitter' },
        schema: {
          operationId: `${verb}Job`,
          tags: ['jobs'],
          summary,
          description: described(route),
          params: jobParamsSchema,
          response: { ...acceptedResponse(jobSchema), 200: jobSchema },
        },
      },
      async (request, reply) => {
        const { caller, params, project } = request;
        const work = () => project.jobs.control(params.id, verb);
        const repeated = () => project.jobs.controlled(params.id, verb);
        const { job, changed } = queues
          ? await quotas.admit(caller, { work, queued: (result) => result.changed, repeated })
          : await work();
        if (!changed) return reply.code(200).send(job);
        if (queues) wake();
        request.log.info({ state: job.state, attempt: job.attempt }, logMessage);
        return reply.code(202).send(job);
      },
    );
  }
};
