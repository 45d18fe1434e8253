import { webhookDeliverySchema, webhookParamsSchema } from '@trainyard/contracts';
import { acceptedResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const testWebhook: Route = async (app) => {
  app.post(
    '/v1/webhooks/:id/test',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'testWebhook',
        tags: ['webhooks'],
        summary: 'Send an event of the type webhook.test; the deliveries show how it went',
        params: webhookParamsSchema,
        response: acceptedResponse(webhookDeliverySchema),
      },
    },
    async (request, reply) => reply.code(202).send(await request.project.webhooks.test(request.params.id)),
  );
};
