import { createdKeySchema, newKeyBodySchema } from '@trainyard/contracts';
import { createdResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { checkManages } from '#services/managedProject.js';

export const createKey: Route<'db'> = async (app, { db }) => {
  app.post(
    '/v1/keys',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'createKey',
        tags: ['keys'],
        summary: 'Create a key; its secret is only in this response',
        body: newKeyBodySchema,
        response: createdResponse(createdKeySchema),
      },
    },
    async (request, reply) => {
      const { project = request.caller.project, ...rest } = request.body;
      checkManages(request.caller, project);
      const key = await db.keys.create({ project, ...rest });
      request.createdId = key.id;
      request.log.info({ keyId: key.id, project, role: key.role }, 'key created');
      return reply.code(201).header('cache-control', 'no-store').send(key);
    },
  );
};
