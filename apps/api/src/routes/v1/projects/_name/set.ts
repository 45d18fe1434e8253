import { projectBodySchema, projectParamsSchema, projectShareSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { checkManagesAll } from '#services/managedProject.js';

export const setProject: Route<'db'> = async (app, { db }) => {
  app.put(
    '/v1/projects/:name',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'setProject',
        tags: ['keys'],
        summary: 'Set the weight by which a project shares the workers with others; for admins of the default project',
        description:
          'Of projects that wait, each starts jobs in proportion to its weight, 1 by default; the next start counts ' +
          'already. A project need not have a key or a job yet.',
        params: projectParamsSchema,
        body: projectBodySchema,
        response: okResponse(projectShareSchema),
      },
    },
    async ({ caller, params, body, log }) => {
      checkManagesAll(caller);
      const share = await db.shares.setWeight(params.name, body.weight);
      log.info({ project: share.name, weight: share.weight }, 'weight of a project set');
      return share;
    },
  );
};
