import { webhookParamsSchema } from '@trainyard/contracts';
import { noContentResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const deleteWebhook: Route = async (app) => {
  app.delete(
    '/v1/webhooks/:id',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'deleteWebhook',
        tags: ['webhooks'],
        summary: 'Delete a webhook, with what waits and its log',
        params: webhookParamsSchema,
        response: noContentResponse('The webhook is deleted'),
      },
    },
    async (request, reply) => {
      await request.project.webhooks.delete(request.params.id);
      return reply.code(204).send(null);
    },
  );
};
