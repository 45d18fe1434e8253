import fastifyRateLimit from '@fastify/rate-limit';
import { LimitError } from '@trainyard/contracts';
import type { FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';

/**
 * Counts the requests of each key (on public routes: of each address) in this process, minute by minute.
 *
 * @param requestsPerMinute limit of keys that have none of their own; null: unlimited.
 */
export const rateLimit = plugin<{ requestsPerMinute: number | null }>(async (app, { requestsPerMinute }) => {
  const limitOf = ({ access }: FastifyRequest) => access?.caller.limits.requestsPerMinute ?? requestsPerMinute;
  await app.register(fastifyRateLimit, {
    max: (request) => limitOf(request) ?? Infinity,
    allowList: (request) => limitOf(request) === null,
    timeWindow: '1 minute',
    // Runs after authentication (onRequest), so the key is known, and before the body is read.
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
