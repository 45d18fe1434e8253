import { Readable } from 'node:stream';
import { TrainyardError, uploadParamsSchema } from '@trainyard/contracts';
import { noContentResponse } from '#http/responses.js';
import { byteCountSchema, takeStreams, tusHeaders, tusHeadersSchema } from '#http/tus.js';
import type { Route } from '#routes/route.js';

const headersSchema = tusHeadersSchema.extend({ 'upload-offset': byteCountSchema(0) });

export const appendToUpload: Route<'uploads'> = async (app, { uploads }) => {
  takeStreams(app);
  app.patch(
    '/v1/uploads/:id',
    {
      config: { role: 'submitter', slowBody: true },
      schema: {
        operationId: 'appendToUpload',
        tags: ['datasets'],
        summary: 'Send more bytes of an upload (application/offset+octet-stream), from Upload-Offset on',
        params: uploadParamsSchema,
        headers: headersSchema,
        response: noContentResponse('Stored; Upload-Offset says how many bytes the upload has now'),
      },
    },
    async (request, reply) => {
      const { caller, params, body } = request;
      if (!(body instanceof Readable)) {
        throw new TrainyardError('unsupported_media_type', 'send the bytes as application/offset+octet-stream');
      }
      const { bytes } = await uploads.find(caller.project, params.id);
      const upload = await uploads.append(caller.project, params.id, request.headers['upload-offset'], body, bytes);
      return reply.headers(tusHeaders(upload)).code(204).send(null);
    },
  );
};
