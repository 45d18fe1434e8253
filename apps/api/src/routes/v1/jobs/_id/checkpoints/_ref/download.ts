import { checkpointParamsSchema, exportChoiceSchema } from '@trainyard/contracts';
import { z } from 'zod';
import { contentResponse } from '#http/responses.js';
import { sendFile } from '#http/sendFile.js';
import type { Route } from '#routes/route.js';
import { exportCheckpoint } from '#services/exportCheckpoint.js';

/** GET and HEAD: the weights as one file, whole or a range of it. */
export const downloadCheckpoint: Route<'artifacts'> = async (app, { artifacts }) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/v1/jobs/:id/checkpoints/:ref/download',
    config: { audited: true },
    schema: {
      operationId: 'downloadCheckpoint',
      tags: ['checkpoints'],
      summary: 'Download the model: tfjs and torch (zips), safetensors or onnx',
      params: checkpointParamsSchema,
      querystring: exportChoiceSchema,
      response: contentResponse('The file', {
        'application/zip': { schema: z.string() },
        'application/octet-stream': { schema: z.string() },
      }),
    },
    handler: async (request, reply) => {
      const { id, ref } = request.params;
      const file = await exportCheckpoint(request.project, artifacts, { id, ref, choice: request.query });
      reply.header('trainyard-verified', String(file.verified));
      return sendFile(request, reply, file);
    },
  });
};
