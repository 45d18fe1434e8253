import {
  ConflictError,
  type Job,
  jobParamsSchema,
  replayBodySchema,
  replayReportSchema,
  submittedJobSchema,
} from '@trainyard/contracts';
import { acceptedResponse, okResponse } from '#http/responses.js';
import { bodyCheckedByRoute, checkBody } from '#http/validation.js';
import type { Route } from '#routes/route.js';
import { findJob } from '#services/findJob.js';
import { mergePatch } from '#services/mergePatch.js';
import { checkedSpec, storeJob } from '#services/submission.js';

/** POST /v1/jobs/{id}/replay: trains the stored spec again. */
export const replayJob: Route<'artifacts' | 'datasets' | 'quotas' | 'uploads' | 'wake'> = async (app, dependencies) => {
  const { artifacts, datasets, quotas, uploads, wake } = dependencies;
  app.post(
    '/v1/jobs/:id/replay',
    {
      config: { role: 'submitter' },
      validatorCompiler: bodyCheckedByRoute,
      schema: {
        operationId: 'replayJob',
        tags: ['jobs'],
        summary: 'Train the stored spec of a job again, as a new job',
        description:
          'The new job has the same seed and the same version of the dataset, and `replayOf` names the original. ' +
          '`changes` is a JSON merge patch of the spec. GET of the new job’s `replay` says how the two compare.',
        params: jobParamsSchema,
        body: replayBodySchema,
        response: acceptedResponse(submittedJobSchema),
      },
    },
    async (request, reply) => {
      // Without a body, Fastify has null, which is also a JSON document.
      const isEmpty = request.body === undefined || request.headers['content-type'] === undefined;
      const { changes } = checkBody(replayBodySchema, isEmpty ? {} : request.body);
      const original = await findJob(request.project, (request.params as { id: string }).id);
      if (original.kind === 'test') throw new ConflictError(notTrained(original));
      const available = datasets.project(request.caller.project);
      const checked = await checkedSpec(mergePatch(original.spec, changes), {
        ...{ datasets: available, project: request.project, artifacts, original },
        upload: (id) => uploads.complete(request.caller.project, id),
      });
      const submission = { idempotency: null, replayOf: original.id };
      const { job } = await storeJob({ request, available, artifacts, quotas, wake }, checked, submission);
      return reply
        .code(202)
        .locate(`/v1/jobs/${job.id}`)
        .send({ ...job, chosen: checked.chosen, warnings: [] });
    },
  );
};

const notTrained = ({ id, source }: Job): string =>
  `job ${id} tested a checkpoint and trained nothing; replay ${source?.jobId}, which trained it`;

/** GET /v1/jobs/{id}/replay: how a replay compares with its original. */
export const replayReport: Route = async (app) => {
  app.get(
    '/v1/jobs/:id/replay',
    {
      schema: {
        operationId: 'getReplay',
        tags: ['jobs'],
        summary: 'How a replay compares with its original: bitwise equal, within tolerance, or diverged at an epoch',
        params: jobParamsSchema,
        response: okResponse(replayReportSchema),
      },
    },
    async (request) => request.project.jobs.replayReport(request.params.id),
  );
};
