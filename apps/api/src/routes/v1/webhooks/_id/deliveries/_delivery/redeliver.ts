import { webhookDeliveryParamsSchema, webhookDeliverySchema } from '@trainyard/contracts';
import { acceptedResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const redeliverWebhook: Route = async (app) => {
  app.post(
    '/v1/webhooks/:id/deliveries/:delivery/redeliver',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'redeliverWebhook',
        tags: ['webhooks'],
        summary: 'Send an event again under the same webhook-id, whatever became of it',
        params: webhookDeliveryParamsSchema,
        response: acceptedResponse(webhookDeliverySchema),
      },
    },
    async (request, reply) => {
      const { project, params } = request;
      return reply.code(202).send(await project.webhooks.redeliver(params.id, params.delivery));
    },
  );
};
