import { datasetImportSchema, documentedImportSchema, newImportBodySchema } from '@trainyard/contracts';
import { acceptedResponse } from '#http/responses.js';
import { bodyCheckedByRoute, checkBody } from '#http/validation.js';
import type { Route } from '#routes/route.js';
import { createImport } from '#services/createImport.js';

export const createImportRoute: Route<'uploads' | 'allowPrivateUrls'> = async (app, services) => {
  app.post(
    '/v1/imports',
    {
      config: { role: 'submitter' },
      validatorCompiler: bodyCheckedByRoute,
      schema: {
        operationId: 'createImport',
        tags: ['datasets'],
        summary: 'Import a dataset from a complete upload or from a URL',
        body: documentedImportSchema,
        response: acceptedResponse(datasetImportSchema),
      },
    },
    async (request, reply) => {
      const created = await createImport(request, services, checkBody(newImportBodySchema, request.body));
      request.createdId = created.id;
      return reply.code(202).locate(`/v1/imports/${created.id}`).send(created);
    },
  );
};
