import { Readable } from 'node:stream';
import { uploadSchema } from '@trainyard/contracts';
import { z } from 'zod';
import { createdResponse } from '#http/responses.js';
import { byteCountSchema, fileNameOf, takeStreams, tusHeaders, tusHeadersSchema } from '#http/tus.js';
import type { Route } from '#routes/route.js';

const headersSchema = tusHeadersSchema.extend({
  /** Bytes of the whole file. */
  'upload-length': byteCountSchema(1),
  /** `filename <Base64>` */
  'upload-metadata': z.string().max(4096).optional(),
});

export const createUpload: Route<'uploads' | 'datasetQuota'> = async (app, { uploads, datasetQuota }) => {
  takeStreams(app);
  app.post(
    '/v1/uploads',
    {
      config: { role: 'submitter', slowBody: true },
      schema: {
        operationId: 'createUpload',
        tags: ['datasets'],
        summary: 'Begin an upload by the protocol tus 1.0; the body may be the first bytes of the file',
        headers: headersSchema,
        response: createdResponse(uploadSchema),
      },
    },
    async (request, reply) => {
      const { project } = request.caller;
      const bytes = request.headers['upload-length'];
      await datasetQuota.check(project, bytes);
      let upload = await uploads.create(project, fileNameOf(request.headers['upload-metadata']), bytes);
      request.createdId = upload.id;
      if (request.body instanceof Readable) {
        upload = await uploads.append(project, upload.id, 0, request.body, bytes);
      }
      return reply.headers(tusHeaders(upload)).locate(`/v1/uploads/${upload.id}`).code(201).send(upload);
    },
  );
};
