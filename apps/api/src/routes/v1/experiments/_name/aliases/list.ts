import { aliasSchema, experimentParamsSchema, page } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const listAliases: Route = async (app) => {
  app.get(
    '/v1/experiments/:name/aliases',
    {
      schema: {
        operationId: 'listAliases',
        tags: ['checkpoints'],
        summary: 'The aliases of an experiment by name, and the checkpoints that they point to',
        params: experimentParamsSchema,
        response: okResponse(page(aliasSchema)),
      },
    },
    async (request) => ({ data: await request.project.aliases.list(request.params.name), nextCursor: null }),
  );
};
