import { createdKeySchema, newKeyBodySchema } from '@trainyard/contracts';
import { checkManages } from '../../../http/managedProject.js';
import { creates } from '../../../http/responses.js';
import type { Route } from '../../route.js';

export const createKey: Route<'db'> = async (app, { db }) => {
  app.post(
    '/v1/keys',
    {
      config: { role: 'admin' },
      schema: {
        tags: ['keys'],
        summary: 'Make a key; its secret is in this answer and nowhere else',
        body: newKeyBodySchema,
        response: creates(createdKeySchema),
      },
    },
    async (request, reply) => {
      const { project = request.caller.project, ...rest } = request.body;
      checkManages(request.caller, project);
      const key = await db.keys.create({ project, ...rest });
      request.made = key.id;
      request.log.info({ keyId: key.id, project, role: key.role }, 'key created');
      return reply.code(201).header('cache-control', 'no-store').send(key);
    },
  );
};
