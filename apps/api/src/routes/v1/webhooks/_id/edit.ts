import { webhookParamsSchema, webhookPatchSchema, webhookSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { checkPublicUrl } from '#services/checkPublicUrl.js';

export const editWebhook: Route<'privateWebhooks'> = async (app, { privateWebhooks }) => {
  app.patch(
    '/v1/webhooks/:id',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'editWebhook',
        tags: ['webhooks'],
        summary: 'Change, disable or enable a webhook',
        description:
          'A JSON merge patch (RFC 7396): fields that it leaves out stay. What waits is sent to the new URL; a ' +
          'disabled webhook sends nothing, and gets no new events.',
        params: webhookParamsSchema,
        body: webhookPatchSchema,
        response: okResponse(webhookSchema),
      },
    },
    async (request) => {
      const { body, project, params } = request;
      if (body.url !== undefined) checkPublicUrl(body.url, privateWebhooks);
      return project.webhooks.edit(params.id, body);
    },
  );
};
