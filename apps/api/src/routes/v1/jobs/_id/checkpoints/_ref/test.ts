import { checkpointParamsSchema, submittedJobSchema, testBodySchema } from '@trainyard/contracts';
import { acceptedResponse } from '#http/responses.js';
import { bodyCheckedByRoute, checkBody } from '#http/validation.js';
import type { Route } from '#routes/route.js';
import { checkedTest } from '#services/checkpointTest.js';
import { idempotencyHeadersSchema, idempotencyOf } from '#services/idempotency.js';
import { storeJob } from '#services/submission.js';

/** POST /v1/jobs/{id}/checkpoints/{ref}/test: a job that trains nothing. */
export const testCheckpoint: Route<'artifacts' | 'datasets' | 'quotas' | 'wake'> = async (app, dependencies) => {
  const { artifacts, datasets, quotas, wake } = dependencies;
  app.post(
    '/v1/jobs/:id/checkpoints/:ref/test',
    {
      config: { role: 'submitter' },
      validatorCompiler: bodyCheckedByRoute,
      schema: {
        operationId: 'testCheckpoint',
        tags: ['checkpoints'],
        summary: 'Test a checkpoint on the test split of a dataset, as a new job that trains nothing',
        description:
          'Stores the job and answers 202; `kind` of the job is `test`, and `source` names the checkpoint. Its ' +
          'results are those of any job. The images must have the shape and the classes of the training, and are ' +
          'normalised as there. A request that is sent again with the same Idempotency-Key answers with the job of ' +
          'the first one.',
        params: checkpointParamsSchema,
        headers: idempotencyHeadersSchema,
        body: testBodySchema,
        response: acceptedResponse(submittedJobSchema),
      },
    },
    async (request, reply) => {
      const { id, ref } = checkpointParamsSchema.parse(request.params);
      // Without a body, Fastify has null, which is also a JSON document.
      const isEmpty = request.body === undefined || request.headers['content-type'] === undefined;
      const sent = isEmpty ? {} : request.body;
      const body = checkBody(testBodySchema, sent);
      const available = datasets.project(request.caller.project);
      const { source, ...checked } = await checkedTest(request.project, available, { id, ref, body });
      const idempotency = idempotencyOf(idempotencyHeadersSchema.parse(request.headers), { id, ref, sent });
      const storing = { request, available, artifacts, quotas, wake };
      const { job, created } = await storeJob(storing, checked, { idempotency, source });
      if (!created) reply.header('idempotency-replayed', 'true');
      return reply
        .code(202)
        .locate(`/v1/jobs/${job.id}`)
        .send({ ...job, chosen: [], warnings: [] });
    },
  );
};
