import { JobFiles } from '@trainyard/artifacts';
import { NotFoundError, recordFileParamsSchema } from '@trainyard/contracts';
import { z } from 'zod';
import { contentResponse } from '#http/responses.js';
import { sendFile } from '#http/sendFile.js';
import type { Route } from '#routes/route.js';
import { findJob } from '#services/findJob.js';

/** GET and HEAD: a file as it is stored, whole or a range of it. */
export const downloadJobFile: Route<'artifacts'> = async (app, { artifacts }) => {
  const files = new JobFiles(artifacts);
  app.route({
    method: ['GET', 'HEAD'],
    url: '/v1/jobs/:id/files/:folder/:name',
    config: { audited: true },
    schema: {
      operationId: 'downloadJobFile',
      tags: ['records'],
      summary: 'Download a file that the record of the job lists, as it is stored',
      params: recordFileParamsSchema,
      response: contentResponse('The file', { 'application/octet-stream': { schema: z.string() } }),
    },
    handler: async (request, reply) => {
      const { id: jobId, folder, name } = request.params;
      await findJob(request.project, jobId);
      const file = await files.find({ jobId, folder, name });
      if (file === null) throw new NotFoundError(`a file ${folder}/${name} of job ${jobId}`);
      return sendFile(request, reply, { ...file, fileName: name, mediaType: 'application/octet-stream' });
    },
  });
};
