import multipart from '@fastify/multipart';
import { InvalidInputError, TrainyardError } from '@trainyard/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { plainName } from './tus.js';

interface Limits {
  maxImages: number;
  maxBytes: number;
}

/** Lets the routes of an instance take images: a form of files, or the bytes of one, whatever media type they have. */
export async function takeImages(app: FastifyInstance, { maxImages, maxBytes }: Limits): Promise<void> {
  app.removeAllContentTypeParsers();
  const limits = { files: maxImages, fields: 0, parts: maxImages, fileSize: maxBytes };
  await app.register(multipart, { limits });
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: maxBytes }, (_request, body, done) => done(null, body));
}

/**
 * The images of a request, in their order.
 * @throws InvalidInputError where there is none; TrainyardError `payload_too_large`
 */
export async function imagesOf(
  request: FastifyRequest,
  limits: Limits,
): Promise<{ file: string | null; bytes: Uint8Array }[]> {
  const images = request.isMultipart() ? await imagesOfForm(request, limits) : imagesOfBody(request.body);
  if (images.length > 0) return images;
  throw new InvalidInputError('there is no image', [
    { pointer: '', detail: 'send the bytes of an image as the body, or a form: -F images=@cat.jpg -F images=@dog.jpg' },
  ]);
}

const imagesOfBody = (body: unknown) => (Buffer.isBuffer(body) && body.length > 0 ? [{ file: null, bytes: body }] : []);

async function imagesOfForm(request: FastifyRequest, { maxImages, maxBytes }: Limits) {
  const images: { file: string; bytes: Buffer }[] = [];
  let total = 0;
  const tooLarge = () =>
    new TrainyardError('payload_too_large', `at most ${maxImages} images and ${maxBytes} bytes are taken at once`);
  try {
    for await (const { filename, file } of request.files()) {
      const chunks: Buffer[] = [];
      for await (const chunk of file) {
        total += chunk.length;
        if (total > maxBytes) throw tooLarge();
        chunks.push(chunk);
      }
      images.push({ file: plainName(filename), bytes: Buffer.concat(chunks) });
    }
    return images;
  } catch (error) {
    const { code, statusCode } = error as { code?: string; statusCode?: number };
    if (code === 'FST_FIELDS_LIMIT') {
      const detail = 'a field of the form is text; send files alone, e.g. -F images=@cat.jpg';
      throw new InvalidInputError('the form has more than files', [{ pointer: '', detail }]);
    }
    if (statusCode === 413) throw tooLarge();
    // The parser of forms throws plain errors, of a boundary that is missing or has no length, or of a cut body.
    if (error instanceof Error && error.constructor === Error)
      throw new InvalidInputError(`the form cannot be read: ${error.message}`);
    throw error;
  }
}
