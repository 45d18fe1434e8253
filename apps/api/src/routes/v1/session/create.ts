import { sessionSchema } from '@trainyard/contracts';
import { createdResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { sendSession } from '#routes/sendSession.js';

export const createSession: Route<'db'> = async (app, { db }) => {
  app.post(
    '/v1/session',
    {
      config: { needsKey: true },
      schema: {
        operationId: 'createSession',
        tags: ['keys'],
        summary: 'Sign in with a key: a cookie then stands for it in this browser',
        response: createdResponse(sessionSchema),
      },
    },
    async ({ caller }, reply) => sendSession(reply, await db.sessions.open(caller.id)),
  );
};
