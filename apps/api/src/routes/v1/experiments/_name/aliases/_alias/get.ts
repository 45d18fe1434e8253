import { aliasParamsSchema, aliasWithHistorySchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { findAlias } from '#services/findAlias.js';

export const getAlias: Route = async (app) => {
  app.get(
    '/v1/experiments/:name/aliases/:alias',
    {
      schema: {
        operationId: 'getAlias',
        tags: ['checkpoints'],
        summary: 'The checkpoint that an alias points to, and where it pointed before',
        params: aliasParamsSchema,
        response: okResponse(aliasWithHistorySchema),
      },
    },
    async ({ project, params: { name, alias } }) => {
      const found = await findAlias(project, name, alias);
      return { ...found, history: await project.aliases.history(name, alias) };
    },
  );
};
