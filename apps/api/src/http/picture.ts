import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { matches } from './etag.js';
import { contentResponse } from './responses.js';

export const pictureResponse = contentResponse('The picture', { 'image/svg+xml': { schema: z.string() } });
export const pngResponse = contentResponse('The picture', { 'image/png': { schema: z.string() } });

/** A picture runs nothing and loads nothing, also where a browser opens it as a page; only its own style counts. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

/** An SVG (text) or a PNG, or 304 where the client has it. */
export function sendPicture(reply: FastifyReply, picture: string | Buffer): FastifyReply {
  const etag = `"${createHash('sha256').update(picture).digest('base64url').slice(0, 27)}"`;
  // Weak, as an SVG may be compressed on its way.
  reply.headers({ etag: `W/${etag}`, 'cache-control': 'private, max-age=10' });
  if (matches(reply.request.headers['if-none-match'], etag)) return reply.code(304).send();
  return reply
    .type(typeof picture === 'string' ? 'image/svg+xml; charset=utf-8' : 'image/png')
    .header('content-security-policy', policy)
    .send(picture);
}
