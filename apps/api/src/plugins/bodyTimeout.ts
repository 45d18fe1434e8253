import type { FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import { respondToUnparsable } from './problems.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body may take as long as it takes, as of an upload; a connection that stands still ends all the same. */
    slowBody?: true;
  }
}

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

/**
 * Ends requests whose body takes longer than `ms`, from when the service begins to read it: the client is not to blame
 * for the time before, as while the database is slow to find its key. Node's own timeout would be the same for all
 * routes.
 */
export const bodyTimeout = plugin<{ ms: number }>(async (app, { ms }) => {
  app.addHook('preParsing', async (request, _reply, payload) => {
    const { raw } = request;
    if (request.routeOptions.config?.slowBody || !hasBody(request)) return payload;
    const error = Object.assign(new Error('the body took too long'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    const timer = setTimeout(() => respondToUnparsable(error, raw.socket), ms);
    for (const event of ['end', 'close']) raw.once(event, () => clearTimeout(timer));
    return payload;
  });
});
