import plugin from 'fastify-plugin';

const sweepMs = 100;

/**
 * Lets the server end as soon as its last answer is out. Closing cuts idle connections once, at its beginning; a connection
 * whose answer (a live stream, a download) ends later would be kept alive for over a minute more.
 */
export const closing = plugin(async (app) => {
  app.addHook('preClose', async () => {
    const sweep = setInterval(() => app.server.closeIdleConnections(), sweepMs).unref();
    app.server.once('close', () => clearInterval(sweep));
  });
});
