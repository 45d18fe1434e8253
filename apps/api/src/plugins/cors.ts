import fastifyCors from '@fastify/cors';
import type { FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import { headers } from './openapi/operations.js';

/** Every header that the document lists, and `Allow`: of others than these, browsers show scripts but a few. */
const exposedHeaders = [...Object.keys(headers), 'allow'];

/** A request by which a browser asks whether a script may send another one. */
const isPreflight = ({ method, headers }: FastifyRequest): boolean =>
  method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;

/**
 * Lets scripts of other origins use the API from browsers (CORS): never with the credentials that a browser keeps, so a
 * script needs a key of its own. MUST be registered before `authentication`, since preflights have no key.
 *
 * @param origins `*` alone: every origin; none: no other origin.
 */
export const cors = plugin<{ origins: string[] }>(async (app, { origins }) => {
  if (origins.length === 0) return;
  const options = {
    origin: origins,
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    exposedHeaders,
    maxAge: 600,
  };
  await app.register(fastifyCors, {
    delegator: (request, done) => done(null, { ...options, preflight: isPreflight(request) }),
  });
});
