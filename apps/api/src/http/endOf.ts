import type { FastifyReply } from 'fastify';

/** Aborted when the client disconnects or the app closes, whichever comes first. */
export const endOf = (reply: FastifyReply, closing: AbortSignal): AbortSignal => {
  const disconnected = new AbortController();
  reply.raw.once('close', () => disconnected.abort());
  return AbortSignal.any([disconnected.signal, closing]);
};
