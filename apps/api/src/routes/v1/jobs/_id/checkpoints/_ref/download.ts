import { checkpointParamsSchema, exportChoiceSchema } from '@trainyard/contracts';
import { z } from 'zod';
import { contentResponse } from '#http/responses.js';
import { sendFile } from '#http/sendFile.js';
import type { Route } from '#routes/route.js';
import { exportCheckpoint } from '#services/exportCheckpoint.js';

/** GET and HEAD: the weights as one file, whole or a range of it. */
export const downloadCheckpoint: Route<'artifacts' | 'datasets'> = async (app, { artifacts, datasets }) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/v1/jobs/:id/checkpoints/:ref/download',
    config: { audited: true },
    schema: {
      operationId: 'downloadCheckpoint',
      tags: ['checkpoints'],
      summary: 'Download the model: tfjs and torch (zips with a card), safetensors, onnx or the card',
      params: checkpointParamsSchema,
      querystring: exportChoiceSchema,
      response: contentResponse('The file', {
        'application/zip': { schema: z.string() },
        'application/octet-stream': { schema: z.string() },
      }),
    },
    handler: async (request, reply) => {
      const { id, ref } = request.params;
      const stores = { artifacts, datasets: datasets.project(request.caller.project) };
      const file = await exportCheckpoint(request.project, stores, { id, ref, choice: request.query });
      reply.header('trainyard-verified', String(file.verified));
      return sendFile(request, reply, file);
    },
  });
};
