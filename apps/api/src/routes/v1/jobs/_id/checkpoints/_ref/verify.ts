import { checkpointParamsSchema, page, verificationSchema, verifyBodySchema } from '@trainyard/contracts';
import { acceptedResponse } from '#http/responses.js';
import { bodyCheckedByRoute, checkBody } from '#http/validation.js';
import type { Route } from '#routes/route.js';

/** POST /v1/jobs/{id}/checkpoints/{ref}/verify */
export const verifyCheckpoint: Route<'datasets' | 'verifier'> = async (app, { datasets, verifier }) => {
  app.post(
    '/v1/jobs/:id/checkpoints/:ref/verify',
    {
      config: { role: 'submitter' },
      validatorCompiler: bodyCheckedByRoute,
      schema: {
        operationId: 'verifyCheckpoint',
        tags: ['checkpoints'],
        summary: 'Have ONNX Runtime and TensorFlow.js read the downloads and reproduce the stored test accuracy',
        description:
          'Answers 202 at once; `verifications` of the checkpoint has the outcome of each file, with the digest of ' +
          'the bytes that were read. Without a number, 500 images of the test split are compared. Where a ' +
          'verification runs already, the answer is that one.',
        params: checkpointParamsSchema,
        body: verifyBodySchema,
        response: acceptedResponse(page(verificationSchema)),
      },
    },
    async (request, reply) => {
      const { id, ref } = checkpointParamsSchema.parse(request.params);
      const isEmpty = request.body === undefined || request.headers['content-type'] === undefined;
      const body = checkBody(verifyBodySchema, isEmpty ? {} : request.body);
      const available = datasets.project(request.caller.project);
      const data = await verifier.start(request.project, available, { id, ref, body });
      return reply.code(202).locate(`/v1/jobs/${id}/checkpoints/${ref}`).send({ data, nextCursor: null });
    },
  );
};
