import type { FastifyReply } from 'fastify';

/** Aborted when the client disconnects, or one of the other signals is, as when the app closes. */
export const endOf = (reply: FastifyReply, ...others: AbortSignal[]): AbortSignal => {
  const disconnected = new AbortController();
  reply.raw.once('close', () => disconnected.abort());
  return AbortSignal.any([disconnected.signal, ...others]);
};
