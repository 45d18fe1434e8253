import plugin from 'fastify-plugin';

const intervalMs = 100;

/**
 * Lets the server close as soon as its last response is sent. Node's close() ends idle connections only once, when
 * it is called; a connection whose response (a live stream, a download) ends later would stay open for over a
 * minute.
 */
export const closing = plugin<{ stopping?: AbortSignal | undefined }>(async (app, { stopping }) => {
  app.addHook('preClose', async () => {
    const timer = setInterval(() => app.server.closeIdleConnections(), intervalMs).unref();
    app.server.once('close', () => clearInterval(timer));
  });
  // Before the server closes, clients that keep their connection are sent to another process.
  app.addHook('onSend', async (_request, reply) => {
    if (stopping?.aborted) reply.header('connection', 'close');
  });
});
