import { signInCodeSchema } from '@trainyard/contracts';
import { createdResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const createSignInCode: Route<'db'> = async (app, { db }) => {
  app.post(
    '/v1/session/codes',
    {
      config: { needsKey: true },
      schema: {
        operationId: 'createSignInCode',
        tags: ['keys'],
        summary: 'A code for a link that signs in once, in the next ten minutes, with the rights of this key',
        response: createdResponse(signInCodeSchema),
      },
    },
    async ({ caller }, reply) =>
      reply
        .code(201)
        .header('cache-control', 'no-store')
        .send(await db.sessions.createCode(caller.id)),
  );
};
