import { webhookParamsSchema, webhookSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const getWebhook: Route = async (app) => {
  app.get(
    '/v1/webhooks/:id',
    {
      // A URL may contain a secret of its receiver.
      config: { role: 'submitter' },
      schema: {
        operationId: 'getWebhook',
        tags: ['webhooks'],
        summary: 'A webhook, without its secret',
        params: webhookParamsSchema,
        response: okResponse(webhookSchema),
      },
    },
    async (request) => request.project.webhooks.get(request.params.id),
  );
};
