import { queryNumber, type Upload } from '@trainyard/contracts';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

/*
 * The resumable upload protocol tus 1.0 (https://tus.io/protocols/resumable-upload): a POST with the length creates an
 * upload, HEAD says how much has arrived, PATCH sends the rest.
 */

export const tusVersion = '1.0.0';
export const tusExtensions = 'creation,creation-with-upload,expiration,termination';
const tusMediaType = 'application/offset+octet-stream';

/** Clients that are not made for tus, like curl, may leave the version out. */
export const tusHeadersSchema = z.object({ 'tus-resumable': z.literal(tusVersion).optional() });

/** A header has a number as text, as a query does. */
export const byteCountSchema = (min: number) => queryNumber(z.int().min(min));

export const tusHeaders = ({ offset, bytes, expiresAt }: Upload) => ({
  'tus-resumable': tusVersion,
  'upload-offset': String(offset),
  'upload-length': String(bytes),
  'upload-expires': new Date(expiresAt).toUTCString(),
  'cache-control': 'no-store',
});

/** The routes of `app` get the body as a stream, of any length; other media types are refused. */
export function takeStreams(app: FastifyInstance, mediaType = tusMediaType): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(mediaType, (_request, payload, done) => done(null, payload));
}

/** The `filename` of `Upload-Metadata`, which has pairs of a name and its value in Base64. */
export function fileNameOf(metadata: string | undefined): string {
  for (const pair of (metadata ?? '').split(',')) {
    const [name, value = ''] = pair.trim().split(' ');
    if (name === 'filename') return plainName(Buffer.from(value, 'base64').toString());
  }
  return 'upload';
}

/** The last part of a path, without control characters; a name for people, from which no path is made. */
export const plainName = (name: string): string =>
  (name.split(/[/\\]/).at(-1) ?? '').replace(/\p{Cc}/gu, '').slice(0, 200) || 'upload';
