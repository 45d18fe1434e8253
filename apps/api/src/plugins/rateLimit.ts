import fastifyRateLimit from '@fastify/rate-limit';
import { LimitError } from '@trainyard/contracts';
import type { FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';

/**
 * Counts the requests of each key (each address, on public routes) in this process, a minute at a time.
 *
 * @param requestsPerMinute of keys that have no limit of their own; null: any number.
 */
export const rateLimit = plugin<{ requestsPerMinute: number | null }>(async (app, { requestsPerMinute }) => {
  const limitOf = ({ access }: FastifyRequest) => access?.caller.limits.requestsPerMinute ?? requestsPerMinute;
  await app.register(fastifyRateLimit, {
    max: (request) => limitOf(request) ?? Infinity,
    allowList: (request) => limitOf(request) === null,
    timeWindow: '1 minute',
    // After authentication, which runs in onRequest: the key is known then, and nothing of the body was read yet.
    hook: 'preParsing',
    keyGenerator: (request) => request.access?.caller.id ?? request.ip,
    enableDraftSpec: true,
    errorResponseBuilder: (_request, { max, ttl }) => {
      const seconds = Math.ceil(ttl / 1000);
      return new LimitError(
        'requestsPerMinute',
        `more than ${max} requests a minute; try again in ${seconds} s`,
        seconds,
      );
    },
  });
});
