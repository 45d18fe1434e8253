import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { NotFoundError } from '@trainyard/contracts';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Route } from './route.js';

/** Nothing from elsewhere, no script and no style within the page. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** The page of the dashboard, which shows whatever the address in the browser says. */
export class DashboardPage {
  readonly #html: string;

  /** @param site the folder that `npm run build` makes of apps/web. */
  constructor(site: string) {
    this.#html = readFileSync(join(site, 'index.html'), 'utf8');
  }

  /** @param base where the service is, seen from the address of the page. */
  send(reply: FastifyReply, base: string): FastifyReply {
    return reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', policy)
      .header('cache-control', 'no-cache')
      .send(this.#html.replace('<base href="/" />', `<base href="${base}" />`));
  }
}

/** Names of assets have a digest of their content, so a browser never asks for one again. */
const assets = { immutable: true, maxAge: '365d' };
const assetSchema = z.object({ file: z.string() });

/** Addresses of the dashboard beside `/`, and where the service is, seen from them, when its base path is not known. */
const pages = { '/sign-in': './', '/runs': './', '/runs/:id': '../' };

/** The dashboard. Its files need no key: they say nothing that is not in this repository. */
export const dashboard: Route<'site'> = async (app, { site }) => {
  if (site === null) return;
  const options = { config: { public: true as const }, schema: { hide: true } };
  const page = new DashboardPage(site);
  for (const [url, base] of Object.entries(pages)) {
    const known = app.linkTo('/');
    app.get(url, options, (_request, reply) => page.send(reply, known.startsWith('.') ? base : known));
  }
  await app.register(fastifyStatic, { root: site, serve: false, preCompressed: true });
  const files = new Set(readdirSync(join(site, 'assets')));
  app.get(
    '/assets/:file',
    { ...options, schema: { hide: true, params: assetSchema } },
    ({ params: { file } }, reply) => {
      if (!files.has(file)) throw new NotFoundError(`the file ${file}`);
      return reply.sendFile(`assets/${file}`, assets);
    },
  );
};
