import { z } from 'zod';
import { okResponse } from '#http/responses.js';
import type { Route } from '../route.js';

/** Liveness: the process answers. */
export const getHealth: Route = async (app) => {
  app.get(
    '/healthz',
    {
      config: { public: true },
      logLevel: 'warn',
      schema: {
        operationId: 'getHealth',
        tags: ['health'],
        summary: 'Whether the process answers',
        security: [],
        response: okResponse(z.object({ ok: z.literal(true) })),
      },
    },
    async () => ({ ok: true as const }),
  );
};
