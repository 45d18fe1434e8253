import { checkpointAnswerSchema, checkpointParamsSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { findCheckpoint } from '#services/findCheckpoint.js';
import { checkpointAnswer } from '#services/verify/verifier.js';

export const checkpointManifest: Route = async (app) => {
  app.get(
    '/v1/jobs/:id/checkpoints/:ref',
    {
      schema: {
        operationId: 'getCheckpoint',
        tags: ['checkpoints'],
        summary: 'The manifest of a checkpoint (best, last or of an epoch), and whether its downloads were verified',
        params: checkpointParamsSchema,
        response: okResponse(checkpointAnswerSchema),
      },
    },
    async (request) => {
      const { id, ref } = request.params;
      return checkpointAnswer(request.project, await findCheckpoint(request.project, id, ref));
    },
  );
};
