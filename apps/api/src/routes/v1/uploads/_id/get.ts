import { uploadParamsSchema, uploadSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import { tusHeaders, tusHeadersSchema } from '#http/tus.js';
import type { Route } from '#routes/route.js';

/** Also HEAD, by which clients of tus ask how much has arrived. */
export const getUpload: Route<'uploads'> = async (app, { uploads }) => {
  app.get(
    '/v1/uploads/:id',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'getUpload',
        tags: ['datasets'],
        summary: 'How much of an upload has arrived',
        params: uploadParamsSchema,
        headers: tusHeadersSchema,
        response: okResponse(uploadSchema),
      },
    },
    async ({ caller, params }, reply) => {
      const upload = await uploads.find(caller.project, params.id);
      return reply.headers(tusHeaders(upload)).send(upload);
    },
  );
};
