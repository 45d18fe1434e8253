import { sessionSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { sessionOf } from '#routes/sendSession.js';

export const getSession: Route = async (app) => {
  app.get(
    '/v1/session',
    {
      schema: {
        operationId: 'getSession',
        tags: ['keys'],
        summary: 'Whose rights this request has',
        response: okResponse(sessionSchema),
      },
    },
    async ({ caller }) => sessionOf(caller),
  );
};
