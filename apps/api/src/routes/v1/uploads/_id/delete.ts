import { ConflictError, uploadParamsSchema } from '@trainyard/contracts';
import { noContentResponse } from '#http/responses.js';
import { tusVersion } from '#http/tus.js';
import type { Route } from '#routes/route.js';

export const deleteUpload: Route<'uploads'> = async (app, { uploads }) => {
  app.delete(
    '/v1/uploads/:id',
    {
      config: { role: 'submitter' },
      schema: {
        operationId: 'deleteUpload',
        tags: ['datasets'],
        summary: 'Give an upload up and remove what has arrived',
        params: uploadParamsSchema,
        response: noContentResponse('Removed'),
      },
    },
    async ({ caller, params, project }, reply) => {
      await uploads.find(caller.project, params.id);
      if ((await project.imports.filesInUse()).includes(params.id)) {
        throw new ConflictError(`the upload ${params.id} is being imported; cancel the import first`);
      }
      await uploads.remove(caller.project, params.id);
      return reply.header('tus-resumable', tusVersion).code(204).send(null);
    },
  );
};
