import { architectureListSchema } from '@trainyard/contracts';
import { presetList } from '@trainyard/spec';
import { okResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const listArchitectures: Route = async (app) => {
  const list = { data: presetList() };
  app.get(
    '/v1/architectures',
    {
      schema: {
        operationId: 'listArchitectures',
        tags: ['architectures'],
        summary: 'The presets, each with its layer table and its recipes',
        response: okResponse(architectureListSchema),
      },
    },
    async () => list,
  );
};
