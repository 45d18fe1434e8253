import { page, projectShareSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { managedProject } from '#services/managedProject.js';

export const listProjects: Route<'db'> = async (app, { db }) => {
  app.get(
    '/v1/projects',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'listProjects',
        tags: ['keys'],
        summary: 'The project with its weight; every project for admins of the default project',
        response: okResponse(page(projectShareSchema)),
      },
    },
    async ({ caller }) => ({ data: await db.shares.list(managedProject(caller)), nextCursor: null }),
  );
};
