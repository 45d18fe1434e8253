import { apiKeySchema, keyParamsSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { managedProject } from '#services/managedProject.js';

/** API processes cache keys: the revoked key may work for five more seconds. */
export const revokeKey: Route<'db'> = async (app, { db }) => {
  app.post(
    '/v1/keys/:id/revoke',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'revokeKey',
        tags: ['keys'],
        summary: 'Revoke a key: within five seconds every request with it is refused, and its live streams end',
        params: keyParamsSchema,
        response: okResponse(apiKeySchema),
      },
    },
    async (request) => {
      const { caller } = request;
      const key = await db.keys.revoke(request.params.id, managedProject(caller), caller.id);
      request.log.info({ keyId: key.id }, 'key revoked');
      return key;
    },
  );
};
