import { datasetImportSchema, newImportBodySchema } from '@trainyard/contracts';
import { acceptedResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';
import { createImport } from '#services/createImport.js';

export const createImportRoute: Route<'uploads' | 'allowPrivateUrls'> = async (app, services) => {
  app.post(
    '/v1/imports',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'createImport',
        tags: ['datasets'],
        summary: 'Import a dataset from a complete upload or from a URL',
        body: newImportBodySchema,
        response: acceptedResponse(datasetImportSchema),
      },
    },
    async (request, reply) => {
      const created = await createImport(request, services, request.body);
      request.createdId = created.id;
      return reply.code(202).locate(`/v1/imports/${created.id}`).send(created);
    },
  );
};
