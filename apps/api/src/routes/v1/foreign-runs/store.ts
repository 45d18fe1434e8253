import { foreignRunSchema, newForeignRunSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

/** Half a million values with their steps and times. */
const bodyLimit = 32 * 2 ** 20;

export const storeForeignRun: Route = async (app) => {
  app.put(
    '/v1/foreign-runs',
    {
      bodyLimit,
      config: { role: 'submitter' },
      schema: {
        operationId: 'storeForeignRun',
        tags: ['results'],
        summary: 'Store a run that another program trained; sent again, it replaces what was stored of the run',
        description: 'The history lists it with `foreign=true`. Source, server and run id say which run it is.',
        body: newForeignRunSchema,
        response: okResponse(foreignRunSchema),
      },
    },
    async (request) => {
      const { run, isNew } = await request.project.foreignRuns.store(request.body);
      if (isNew) request.createdId = run.id;
      return run;
    },
  );
};
