import plugin from 'fastify-plugin';

/**
 * What OWASP's REST security cheat sheet asks of answers that no browser shows: not to be guessed at, framed, embedded or to
 * load anything. Pages set a policy of their own. Whether there is HTTPS, and so what to say of it, is the business of the
 * proxy that brings it.
 */
const headers = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export const securityHeaders = plugin(async (app) => {
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(headers);
  });
});
