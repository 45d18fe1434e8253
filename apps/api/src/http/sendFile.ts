import { open } from 'node:fs/promises';
import { TrainyardError } from '@trainyard/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { matches } from './etag.js';
import { parseRange } from './range.js';

/** Read at a time: larger pieces cost less a byte; each download holds two. */
const pieceBytes = 1 << 20;

export interface FileAnswer {
  path: string;
  bytes: number;
  /** Lower-case hexadecimal; the file's strong ETag. */
  sha256: string;
  fileName: string;
  mediaType: string;
}

/**
 * Answers GET and HEAD with a file: whole, the one range that was asked for (206), or 304 where the client has it.
 * @throws TrainyardError `range_not_satisfiable`.
 */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, file: FileAnswer): Promise<FastifyReply> {
  const etag = `"${file.sha256}"`;
  reply.headers({
    etag,
    'accept-ranges': 'bytes',
    // The digest of the whole representation, also beside a part of it (RFC 9530).
    'repr-digest': `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`,
    'content-disposition': `attachment; filename="${file.fileName}"`,
    // "best" and "last" move on; a client that comes again asks whether its copy still holds.
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
  // Opened before the answer begins, so that a file that is gone is a problem and not a broken answer.
  const handle = await open(file.path, 'r');
  return reply.send(handle.createReadStream({ start: first, end: last, highWaterMark: pieceBytes }));
}

/** A range of the file that the client began with: If-Range names another file's tag when it has changed since. */
function wantsPart(request: FastifyRequest, etag: string): boolean {
  const condition = request.headers['if-range'];
  return request.method === 'GET' && (condition === undefined || condition === etag);
}
