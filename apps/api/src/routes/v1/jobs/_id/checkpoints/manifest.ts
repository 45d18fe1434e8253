import { checkpointManifestSchema, checkpointParamsSchema } from '@trainyard/contracts';
import { findCheckpoint } from '../../../../../http/findCheckpoint.js';
import { answers } from '../../../../../http/responses.js';
import type { Route } from '../../../../route.js';

export const checkpointManifest: Route = async (app) => {
  app.get(
    '/v1/jobs/:id/checkpoints/:ref',
    {
      schema: {
        tags: ['checkpoints'],
        summary: 'The manifest of a checkpoint: best, last or of an epoch',
        params: checkpointParamsSchema,
        response: answers(checkpointManifestSchema),
      },
    },
    async (request) => {
      const { id, ref } = request.params;
      const { manifest } = await findCheckpoint(request.project, id, ref);
      return manifest;
    },
  );
};
