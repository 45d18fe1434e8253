import { apiKeySchema, page } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { managedProject } from '#services/managedProject.js';

export const listKeys: Route<'db'> = async (app, { db }) => {
  app.get(
    '/v1/keys',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'listKeys',
        tags: ['keys'],
        summary: 'The keys of the project; of every project for admins of the default project',
        response: okResponse(page(apiKeySchema)),
      },
    },
    async ({ caller }) => ({ data: await db.keys.list(managedProject(caller)), nextCursor: null }),
  );
};
