import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { contentResponse } from './responses.js';

export const pictureResponse = contentResponse('The picture', { 'image/svg+xml': { schema: z.string() } });

/** A picture runs nothing and loads nothing, also where a browser opens it as a page; only its own style counts. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

export const sendPicture = (reply: FastifyReply, svg: string): FastifyReply =>
  reply
    .type('image/svg+xml; charset=utf-8')
    .headers({ 'content-security-policy': policy, 'cache-control': 'private, max-age=10' })
    .send(svg);
