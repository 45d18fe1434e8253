import { checkpointManifestSchema, checkpointParamsSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { findCheckpoint } from '#services/findCheckpoint.js';

export const checkpointManifest: Route = async (app) => {
  app.get(
    '/v1/jobs/:id/checkpoints/:ref',
    {
      schema: {
        operationId: 'getCheckpoint',
        tags: ['checkpoints'],
        summary: 'The manifest of a checkpoint: best, last or of an epoch',
        params: checkpointParamsSchema,
        response: okResponse(checkpointManifestSchema),
      },
    },
    async (request) => {
      const { id, ref } = request.params;
      const { manifest } = await findCheckpoint(request.project, id, ref);
      return manifest;
    },
  );
};
