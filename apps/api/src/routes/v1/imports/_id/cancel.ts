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
        summary: 'Cancel an import',
        description:
          'Cancel an import: at once where it waits, within some seconds where it runs; its upload is removed. ' +
          '202: the import was changed. 200: there was nothing to do, since it is being cancelled or is cancelled; ' +
          'so the request can be repeated when its answer was lost. 409: it has succeeded or failed.',
        params: importParamsSchema,
        response: { ...acceptedResponse(datasetImportSchema), 200: datasetImportSchema },
      },
    },
    async (request, reply) => {
      const { caller, params, project } = request;
      const { cancelled, changed } = await project.imports.cancel(params.id);
      // One that runs removes its upload itself when it has stopped.
      if (cancelled.terminal && cancelled.source.kind === 'upload') {
        await uploads.remove(caller.project, cancelled.source.uploadId);
      }
      if (!changed) return reply.code(200).send(cancelled);
      request.log.info({ importId: params.id, state: cancelled.state }, 'import cancelled');
      return reply.code(202).send(cancelled);
    },
  );
};
