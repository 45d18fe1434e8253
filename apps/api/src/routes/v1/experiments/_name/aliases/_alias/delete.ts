import { aliasParamsSchema, NotFoundError } from '@trainyard/contracts';
import { noContentResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const deleteAlias: Route = async (app) => {
  app.delete(
    '/v1/experiments/:name/aliases/:alias',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'deleteAlias',
        tags: ['checkpoints'],
        summary: 'Remove an alias; the checkpoint and the history of the alias stay',
        params: aliasParamsSchema,
        response: noContentResponse('The alias is removed'),
      },
    },
    async ({ project, caller, params: { name, alias } }, reply) => {
      if (!(await project.aliases.remove(name, alias, caller.id)))
        throw new NotFoundError(`the alias ${alias} of the experiment ${name}`);
      return reply.code(204).send(null);
    },
  );
};
