import fastifyCookie from '@fastify/cookie';
import type { FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import { basePathOf } from './publicUrl.js';

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * The token of the browser's session. Null: there is none, or the request is not from a page of this service.
     * @param onlyReads that the request changes nothing.
     */
    sessionToken(onlyReads: boolean): string | null;
  }
  interface FastifyReply {
    /** Has the browser keep a session's token for so many seconds. */
    keepSession(token: string, seconds: number): this;
    /** Has the browser forget the token. */
    forgetSession(): this;
  }
}

const name = 'trainyard_session';

/**
 * The cookie of a browser's session. Scripts cannot read it, and browsers send it with no request of another site; to
 * them, all ports of a host are one site, so a request must also be from a page of this service. MUST be registered
 * before `authentication`.
 */
export const sessionCookie = plugin<{ publicUrl: string | null }>(async (app, { publicUrl }) => {
  await app.register(fastifyCookie);
  const options = {
    path: basePathOf(publicUrl) || '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: publicUrl?.startsWith('https:') ?? false,
  } as const;
  const publicHost = publicUrl === null ? null : new URL(publicUrl).host;
  app.decorateRequest('sessionToken', function (onlyReads: boolean) {
    return isFromOwnPage(this, publicHost, onlyReads) ? (this.cookies[name] ?? null) : null;
  });
  app.decorateReply('keepSession', function (token: string, seconds: number) {
    return this.setCookie(name, token, { ...options, maxAge: seconds });
  });
  app.decorateReply('forgetSession', function () {
    return this.clearCookie(name, options);
  });
});

/**
 * By Sec-Fetch-Site, which browsers send to HTTPS and to their own machine: `none` is an address that a person typed.
 * Elsewhere by Origin, which every request has that may change something.
 */
function isFromOwnPage({ headers }: FastifyRequest, publicHost: string | null, onlyReads: boolean): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || (site === 'none' && onlyReads);
  if (onlyReads) return true;
  const { origin, host } = headers;
  if (origin === undefined || !URL.canParse(origin)) return false;
  return [host, publicHost].includes(new URL(origin).host);
}
