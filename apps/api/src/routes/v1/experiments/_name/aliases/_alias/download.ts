import { aliasParamsSchema, exportChoiceSchema } from '@trainyard/contracts';
import { z } from 'zod';
import { contentResponse } from '#http/responses.js';
import { sendFile } from '#http/sendFile.js';
import type { Route } from '#routes/route.js';
import { exportCheckpoint } from '#services/exportCheckpoint.js';
import { aliasedCheckpoint } from '#services/findAlias.js';

/** GET and HEAD: a URL that stays while the alias moves. The ETag changes with the file. */
export const downloadAlias: Route<'artifacts' | 'datasets'> = async (app, { artifacts, datasets }) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/v1/experiments/:name/aliases/:alias/download',
    config: { audited: true },
    schema: {
      operationId: 'downloadAlias',
      tags: ['checkpoints'],
      summary: 'Download the model that an alias points to, as downloadCheckpoint does',
      description: '`Content-Location` names the job and the epoch.',
      params: aliasParamsSchema,
      querystring: exportChoiceSchema,
      response: contentResponse('The file', {
        'application/zip': { schema: z.string() },
        'application/octet-stream': { schema: z.string() },
      }),
    },
    handler: async (request, reply) => {
      const { project, params, query } = request;
      const { jobId: id, epoch } = await aliasedCheckpoint(project, params.name, params.alias);
      const stores = { artifacts, datasets: datasets.project(request.caller.project) };
      const file = await exportCheckpoint(project, stores, { id, ref: String(epoch), choice: query });
      const chosen = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined));
      reply.header('trainyard-verified', String(file.verified));
      reply.header('content-location', `/v1/jobs/${id}/checkpoints/${epoch}/download?${chosen}`);
      return sendFile(request, reply, file);
    },
  });
};
