import { newWebhookSchema, webhookWithSecretSchema } from '@trainyard/contracts';
import { createdResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { checkPublicUrl } from '#services/checkPublicUrl.js';

export const createWebhook: Route<'privateWebhooks'> = async (app, { privateWebhooks }) => {
  app.post(
    '/v1/webhooks',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'createWebhook',
        tags: ['webhooks'],
        summary: 'Have the events of jobs sent to a URL; the secret is only in this response',
        description:
          'Sends each event of the given types by POST, signed as Standard Webhooks 1.0.0 has it, again and again ' +
          'for a day until the receiver answers with 2xx. docs/webhooks.md has the body and the signature.',
        body: newWebhookSchema,
        response: createdResponse(webhookWithSecretSchema),
      },
    },
    async (request, reply) => {
      const { body, project, caller, log } = request;
      checkPublicUrl(body.url, privateWebhooks);
      const webhook = await project.webhooks.create(body, caller.id);
      request.createdId = webhook.id;
      log.info({ webhookId: webhook.id }, 'webhook created');
      return reply.code(201).locate(`/v1/webhooks/${webhook.id}`).header('cache-control', 'no-store').send(webhook);
    },
  );
};
