import { page, webhookSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const listWebhooks: Route = async (app) => {
  app.get(
    '/v1/webhooks',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'listWebhooks',
        tags: ['webhooks'],
        summary: 'The webhooks of the project, oldest first',
        response: okResponse(page(webhookSchema)),
      },
    },
    async (request) => ({ data: await request.project.webhooks.list(), nextCursor: null }),
  );
};
