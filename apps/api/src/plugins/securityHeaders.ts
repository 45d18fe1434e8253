import plugin from 'fastify-plugin';

/**
 * The headers that OWASP's REST security cheat sheet lists for responses that are not pages: no sniffing of the
 * type, no frames, no embedding, nothing loaded. /docs sets its own policy. Strict-Transport-Security is left to the
 * proxy that terminates TLS.
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
