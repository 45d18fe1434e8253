import { noContentResponse } from '#http/responses.js';
import { tusExtensions, tusVersion } from '#http/tus.js';
import type { Route } from '#routes/route.js';

export const uploadOptions: Route = async (app) => {
  app.options(
    '/v1/uploads',
    {
      schema: {
        operationId: 'getUploadOptions',
        tags: ['datasets'],
        summary: 'What the service supports of the resumable upload protocol tus',
        response: noContentResponse('In the headers'),
      },
    },
    async (_request, reply) => {
      reply.headers({ 'tus-resumable': tusVersion, 'tus-version': tusVersion, 'tus-extension': tusExtensions });
      return reply.code(204).send(null);
    },
  );
};
