import { page, webhookDeliveriesQuerySchema, webhookDeliverySchema, webhookParamsSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const listWebhookDeliveries: Route = async (app) => {
  app.get(
    '/v1/webhooks/:id/deliveries',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'listWebhookDeliveries',
        tags: ['webhooks'],
        summary: 'What was sent and what waits, newest first, with each attempt; kept for 30 days',
        params: webhookParamsSchema,
        querystring: webhookDeliveriesQuerySchema,
        response: okResponse(page(webhookDeliverySchema)),
      },
    },
    async (request) => request.project.webhooks.deliveries(request.params.id, request.query),
  );
};
