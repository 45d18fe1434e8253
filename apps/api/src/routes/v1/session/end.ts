import { noContentResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

/** Other API processes may accept the session for five more seconds. */
export const endSession: Route = async (app) => {
  app.delete(
    '/v1/session',
    {
      schema: {
        operationId: 'endSession',
        tags: ['keys'],
        summary: 'Sign out: end the session of this browser',
        response: noContentResponse('The session has ended, or the request was sent with a key'),
      },
    },
    async (request, reply) => {
      await app.endSession(request);
      return reply.forgetSession().code(204).send(null);
    },
  );
};
