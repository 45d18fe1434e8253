import { sessionSchema, signInBodySchema } from '@trainyard/contracts';
import { createdResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { sendSession } from '#routes/sendSession.js';

/** A form of another site cannot send JSON, so it can sign no one in. */
export const signIn: Route<'db'> = async (app, { db }) => {
  app.post(
    '/v1/session/sign-in',
    {
      config: { public: true },
      schema: {
        operationId: 'signIn',
        tags: ['keys'],
        summary: 'Sign in with the code of a link, which works once',
        security: [],
        body: signInBodySchema,
        response: createdResponse(sessionSchema),
      },
    },
    async ({ body }, reply) => sendSession(reply, await db.sessions.exchange(body.code)),
  );
};
