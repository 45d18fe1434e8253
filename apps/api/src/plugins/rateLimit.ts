import fastifyRateLimit from '@fastify/rate-limit';
import { TrainyardError } from '@trainyard/contracts';
import plugin from 'fastify-plugin';

/** Counts the requests of each key (each address, on public routes) in this process, a minute at a time. */
export const rateLimit = plugin<{ requestsPerMinute: number | null }>(async (app, { requestsPerMinute }) => {
  if (requestsPerMinute === null) return;
  await app.register(fastifyRateLimit, {
    max: requestsPerMinute,
    timeWindow: '1 minute',
    // After authentication, which runs in onRequest: the key is known then, and nothing of the body was read yet.
    hook: 'preParsing',
    keyGenerator: (request) => request.access?.caller.id ?? request.ip,
    enableDraftSpec: true,
    errorResponseBuilder: (_request, { max, after }) =>
      new TrainyardError('rate_limited', `more than ${max} requests a minute; try again in ${after}`),
  });
});
