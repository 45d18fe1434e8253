import type { RawRequestDefaultExpression } from 'fastify';
import plugin from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyReply {
    /** Sets `Location` to a path of the service, as clients see it: below the path of its public URL. */
    locate(path: string): this;
  }
  interface FastifyInstance {
    /** A link to a path of the service, for what is answered at the service's root. */
    linkTo(path: string): string;
  }
}

/** The path of a public URL, without a slash at its end; empty without a public URL. */
export const basePathOf = (publicUrl: string | null): string =>
  publicUrl === null ? '' : new URL(publicUrl).pathname.replace(/\/$/, '');

/**
 * Takes the base path off a URL that begins with it: some proxies leave it there, others take it off themselves. Both
 * forms are served, so that the service's own machine needs no base path.
 */
export const withoutBasePath =
  (basePath: string) =>
  ({ url = '/' }: Pick<RawRequestDefaultExpression, 'url'>): string => {
    if (basePath === '' || !url.startsWith(basePath)) return url;
    const rest = url.slice(basePath.length);
    if (rest.startsWith('/')) return rest;
    return rest === '' || rest.startsWith('?') ? `/${rest}` : url;
  };

export const locations = plugin<{ basePath: string }>(async (app, { basePath }) => {
  app.decorateReply('locate', function (path: string) {
    return this.header('location', `${basePath}${path}`);
  });
  // Relative where the base path is not known: so it is right behind every proxy.
  app.decorate('linkTo', (path: string) => (basePath === '' ? `.${path}` : `${basePath}${path}`));
});
