import { datasetImportSchema, importParamsSchema } from '@trainyard/contracts';
import { acceptedResponse } from '#http/responses.js';
import type { Route } from '#routes/route.js';

export const cancelImport: Route<'uploads'> = async (app, { uploads }) => {
  app.post(
    '/v1/imports/:id/cancel',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'cancelImport',
        tags: ['datasets'],
        summary: 'Cancel an import: at once where it waits, within some seconds where it runs; its upload is removed',
        params: importParamsSchema,
        response: acceptedResponse(datasetImportSchema),
      },
    },
    async (request, reply) => {
      const { caller, params, project } = request;
      const cancelled = await project.imports.cancel(params.id);
      // One that runs removes its upload itself when it has stopped.
      if (cancelled.terminal && cancelled.source.kind === 'upload') {
        await uploads.remove(caller.project, cancelled.source.uploadId);
      }
      request.log.info({ importId: params.id, state: cancelled.state }, 'import cancelled');
      return reply.code(202).send(cancelled);
    },
  );
};
