import multipart from '@fastify/multipart';
import {
  datasetImportSchema,
  faultsOfIssues,
  InvalidInputError,
  type NewImportBody,
  newImportBodySchema,
  TrainyardError,
} from '@trainyard/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { acceptedResponse } from '#http/responses.js';
import { plainName } from '#http/tus.js';
import { bodyCheckedByRoute } from '#http/validation.js';
import type { Route } from '#routes/route.js';
import { createImport } from '#services/createImport.js';
import type { Uploads } from '#services/uploads.js';

/** A field for each class, and one for each other option; their bytes are what is limited. */
const maxFields = 10_100;
/** Of all fields together, as of every other body. */
const maxFieldBytes = 1 << 20;

const formSchema = newImportBodySchema.omit({ uploadId: true, url: true }).extend({ file: z.file() });

/** The options of an import that are no texts, from the texts of a form; `classes` aside. */
const fromText: Record<string, (text: string) => unknown> = {
  channels: Number,
  splitSeed: Number,
  skipBad: (text) => ({ true: true, false: false })[text] ?? (/^\d+$/.test(text) ? Number(text) : text),
};

/** A form repeats the field for each class, as the document says; people write one field, with commas. */
function toClasses(texts: string[]): string[] | undefined {
  if (texts.length === 0) return undefined;
  return texts.length > 1
    ? texts
    : texts
        .join('')
        .split(',')
        .map((name) => name.trim());
}

/** The parser of forms throws plain errors, of a boundary that is missing or has no length, or of a cut body. */
const isMalformed = (error: unknown): error is Error =>
  error instanceof Error && error.constructor === Error && /multipart|needle/i.test(error.message);

/** One file, written to the disk as it arrives, and the options of its import, before or after it. */
async function readForm(request: FastifyRequest, uploads: Uploads, bytesLeft: number): Promise<NewImportBody> {
  const { project } = request.caller;
  const fields: Record<string, unknown> = {};
  const classes: string[] = [];
  let fieldBytes = 0;
  let uploadId: string | undefined;
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') {
        const { id } = await uploads.create(project, plainName(part.filename), null);
        uploadId = id;
        await uploads.append(project, id, 0, part.file, bytesLeft);
        continue;
      }
      const text = String(part.value);
      fieldBytes += Buffer.byteLength(text);
      if (fieldBytes > maxFieldBytes) throw new TrainyardError('payload_too_large', 'the fields have more than 1 MiB');
      if (part.fieldname === 'classes') classes.push(text);
      else fields[part.fieldname] = fromText[part.fieldname]?.(text) ?? text;
    }
    if (uploadId === undefined) {
      throw new InvalidInputError('the form has no file', [
        { pointer: '/file', detail: 'is missing: -F file=@set.zip' },
      ]);
    }
    const body = { ...fields, classes: toClasses(classes), uploadId };
    const parsed = newImportBodySchema.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new InvalidInputError(
      'the form is not valid',
      faultsOfIssues(parsed.error.issues, body, newImportBodySchema),
    );
  } catch (error) {
    if (uploadId !== undefined) await uploads.remove(project, uploadId);
    if (isMalformed(error)) throw new InvalidInputError(`the form cannot be read: ${error.message}`);
    throw error;
  }
}

export const uploadDataset: Route<'uploads' | 'datasetQuota' | 'allowPrivateUrls'> = async (app, services) => {
  const { uploads, datasetQuota } = services;
  app.removeAllContentTypeParsers();
  const fileSize = Number.POSITIVE_INFINITY;
  await app.register(multipart, {
    limits: { files: 1, fields: maxFields, parts: maxFields + 1, fieldSize: 65_536, fileSize },
  });
  app.post(
    '/v1/datasets',
    {
      config: { role: 'submitter', slowBody: true },
      validatorCompiler: bodyCheckedByRoute,
      schema: {
        operationId: 'uploadDataset',
        tags: ['datasets'],
        summary: 'Upload a file in one request and import it; an upload that can be resumed is POST /v1/uploads',
        consumes: ['multipart/form-data'],
        body: formSchema,
        response: acceptedResponse(datasetImportSchema),
      },
    },
    async (request, reply) => {
      const bytesLeft = await datasetQuota.left(request.caller.project);
      const body = await readForm(request as FastifyRequest, uploads, bytesLeft);
      const created = await createImport(request, services, body);
      request.createdId = created.id;
      return reply.code(202).locate(`/v1/imports/${created.id}`).send(created);
    },
  );
};
