import { apiKeySchema, page } from '@trainyard/contracts';
import { managedProject } from '../../../http/managedProject.js';
import { answers } from '../../../http/responses.js';
import type { Route } from '../../route.js';

export const listKeys: Route<'db'> = async (app, { db }) => {
  app.get(
    '/v1/keys',
    {
      config: { role: 'admin' },
      schema: {
        tags: ['keys'],
        summary: 'The keys of the project, or of every project for admins of the project default',
        response: answers(page(apiKeySchema)),
      },
    },
    async ({ caller }) => ({ data: await db.keys.list(managedProject(caller)), nextCursor: null }),
  );
};
