import { apiKeySchema, keyParamsSchema } from '@trainyard/contracts';
import { managedProject } from '../../../../http/managedProject.js';
import { answers } from '../../../../http/responses.js';
import type { Route } from '../../../route.js';

/** Processes that have seen the key within the last five seconds may let it in for as long. */
export const revokeKey: Route<'db'> = async (app, { db }) => {
  app.post(
    '/v1/keys/:id/revoke',
    {
      config: { role: 'admin' },
      schema: {
        tags: ['keys'],
        summary: 'Revoke a key: within five seconds it opens nothing, live streams included',
        params: keyParamsSchema,
        response: answers(apiKeySchema),
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
