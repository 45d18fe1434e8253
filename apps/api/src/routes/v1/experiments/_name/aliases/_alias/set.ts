import { aliasBodySchema, aliasParamsSchema, aliasSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { aliasTarget, findAlias } from '#services/findAlias.js';

export const setAlias: Route = async (app) => {
  app.put(
    '/v1/experiments/:name/aliases/:alias',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'setAlias',
        tags: ['checkpoints'],
        summary: 'Point an alias, new or not, to a checkpoint of an ended job of the experiment',
        description:
          'Readers see where it pointed before or where it points now, and nothing in between. The alias keeps the ' +
          'epoch that `checkpoint` is now; its history keeps every move.',
        params: aliasParamsSchema,
        body: aliasBodySchema,
        response: okResponse(aliasSchema),
      },
    },
    async ({ project, caller, params: { name, alias }, body, log }) => {
      const target = await aliasTarget(project, name, body);
      await project.aliases.move(name, alias, { ...target, keyId: caller.id });
      log.info({ experiment: name, alias, jobId: target.jobId, epoch: target.epoch }, 'alias moved');
      return findAlias(project, name, alias);
    },
  );
};
