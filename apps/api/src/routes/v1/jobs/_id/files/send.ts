import { Readable } from 'node:stream';
import { JobFiles } from '@trainyard/artifacts';
import { recordFileParamsSchema, TrainyardError } from '@trainyard/contracts';
import { z } from 'zod';
import { noContentResponse } from '#http/responses.js';
import { takeStreams } from '#http/tus.js';
import type { Route } from '#routes/route.js';

const mediaType = 'application/octet-stream';

const headersSchema = z.object({
  'repr-digest': z
    .string()
    .regex(/^sha-256=:[A-Za-z0-9+/]{43}=:$/, 'must be the SHA-256 of the file (RFC 9530): sha-256=:<Base64>:'),
});

export const sendJobFile: Route<'artifacts'> = async (app, { artifacts }) => {
  const files = new JobFiles(artifacts);
  takeStreams(app, mediaType);
  app.put(
    '/v1/jobs/:id/files/:folder/:name',
    {
      config: { role: 'admin', slowBody: true },
      schema: {
        operationId: 'sendJobFile',
        tags: ['records'],
        summary: 'Send a file of a job that is imported next; its digest is checked',
        params: recordFileParamsSchema,
        headers: headersSchema,
        response: noContentResponse('The file is kept for the import of its record'),
      },
    },
    async ({ project, params: { id: jobId, folder, name }, headers, body }, reply) => {
      if (!(body instanceof Readable))
        throw new TrainyardError('unsupported_media_type', `send the bytes as ${mediaType}`);
      const sha256 = Buffer.from(headers['repr-digest'].slice('sha-256=:'.length, -1), 'base64').toString('hex');
      await files.receive(project.name, { jobId, folder, name }, sha256, body);
      return reply.code(204).send(null);
    },
  );
};
