import { open } from 'node:fs/promises';
import { TrainyardError } from '@trainyard/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { matches } from './etag.js';
import { parseRange } from './range.js';

/** Bytes of one read: larger reads cost less per byte, but each download keeps two of them in memory. */
const readBytes = 1 << 20;

export interface FileResponse {
  path: string;
  bytes: number;
  /** Lower-case hexadecimal; the file's strong ETag. */
  sha256: string;
  fileName: string;
  mediaType: string;
}

/**
 * Responds to GET and HEAD with a file: whole (200), the requested range (206), or 304 where the client has it.
 * @throws TrainyardError `range_not_satisfiable`.
 */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: FileResponse,
): Promise<FastifyReply> {
  const etag = `"${file.sha256}"`;
  reply.headers({
    etag,
    'accept-ranges': 'bytes',
    // The digest of the whole file, also in a response with only a range of it (RFC 9530).
    'repr-digest': `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`,
    'content-disposition': `attachment; filename="${file.fileName}"`,
    // "best" and "last" change while a job runs: a client must revalidate its copy.
    'cache-control': 'private, no-cache',
  });
  if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();

  const range = wantsPart(request, etag) ? parseRange(request.headers.range, file.bytes) : null;
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${file.bytes}`);
    throw new TrainyardError('range_not_satisfiable', `the file has ${file.bytes} bytes`);
  }
  const { first, last } = range ?? { first: 0, last: file.bytes - 1 };
  if (range) reply.code(206).header('content-range', `bytes ${first}-${last}/${file.bytes}`);
  reply.type(file.mediaType).header('content-length', last - first + 1);
  if (request.method === 'HEAD') return reply.send();
  // Opened before the response starts: if the file is missing, the client gets a problem, not a truncated body.
  const handle = await open(file.path, 'r');
  return reply.send(handle.createReadStream({ start: first, end: last, highWaterMark: readBytes }));
}

/** Whether Range applies: not if the file has changed since the client's first part (If-Range has another ETag). */
function wantsPart(request: FastifyRequest, etag: string): boolean {
  const condition = request.headers['if-range'];
  return request.method === 'GET' && (condition === undefined || condition === etag);
}
