import { webhookParamsSchema, webhookWithSecretSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const rotateWebhook: Route = async (app) => {
  app.post(
    '/v1/webhooks/:id/rotate',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'rotateWebhook',
        tags: ['webhooks'],
        summary: 'Make a new secret, which is only in this response; for a day the one before signs too',
        params: webhookParamsSchema,
        response: okResponse(webhookWithSecretSchema),
      },
    },
    async (request, reply) => {
      const webhook = await request.project.webhooks.rotate(request.params.id);
      request.log.info({ webhookId: webhook.id }, 'secret of a webhook rotated');
      return reply.header('cache-control', 'no-store').send(webhook);
    },
  );
};
