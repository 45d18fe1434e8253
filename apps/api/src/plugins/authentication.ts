import { createHash } from 'node:crypto';
import { hasRole, type Role, TrainyardError } from '@trainyard/contracts';
import type { Caller, Database, Project } from '@trainyard/db';
import type { FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Needs no key: the health probes, the root and the documentation. */
    public?: true;
    /** The lowest role that may call the route, or send this request to it; `reader` by default. */
    role?: Role | ((request: FastifyRequest) => Role);
    /** Changes nothing, although its method is not GET. */
    reads?: true;
  }
  interface FastifyRequest {
    /** The request's key and the data that it may use; null on public routes. */
    access: Access | null;
    /** The request's key. Throws on public routes. */
    readonly caller: Caller;
    /** The data that the request's key may read and change. Throws on public routes. */
    readonly project: Project;
  }
}

interface Access {
  caller: Caller;
  project: Project;
  /** Whether the key is still valid; looked up at most once in `cacheMs`. */
  keyIsValid(): Promise<boolean>;
}

/** How long a found key is cached, and so the longest time for which a revoked key still works. */
const cacheMs = 5_000;
const maxCachedKeys = 1_000;

/**
 * Caches found keys by the digest of their secret: a client that polls costs one look-up every few seconds, and
 * concurrent requests share it. Secrets that were not found are not cached.
 */
function cached(verify: Database['keys']['verify']): (secret: string) => Promise<Caller | null> {
  const known = new Map<string, { caller: Promise<Caller | null>; until: number }>();
  return async (secret) => {
    const digest = createHash('sha256').update(secret).digest('base64');
    const found = known.get(digest);
    if (found && found.until > Date.now()) return found.caller;
    if (known.size >= maxCachedKeys) known.clear();
    const lookUp = { caller: verify(secret), until: Date.now() + cacheMs };
    known.set(digest, lookUp);
    const forget = () => {
      if (known.get(digest) === lookUp) known.delete(digest);
    };
    try {
      const caller = await lookUp.caller;
      if (!caller) forget();
      return caller;
    } catch (error) {
      forget();
      throw error;
    }
  };
}

/** Routes are private by default, unknown URLs included; forgetting `config.public` is safe. */
export const authentication = plugin<{ db: Pick<Database, 'keys' | 'project'> }>(async (app, { db }) => {
  const verify = cached((secret) => db.keys.verify(secret));
  app.decorateRequest('access', null);
  app.decorateRequest('caller', {
    getter() {
      return accessOf(this).caller;
    },
  });
  app.decorateRequest('project', {
    getter() {
      return accessOf(this).project;
    },
  });
  app.addHook('onRequest', async (request) => {
    const { config } = request.routeOptions;
    if (config?.public) return;
    const secret = secretOf(request);
    if (secret === null) throw new TrainyardError('unauthorized', 'send an API key as "Authorization: Bearer <key>"');
    const caller = await verify(secret);
    if (!caller) throw new TrainyardError('unauthorized', 'this API key is not known here');
    const keyIsValid = async () => (await verify(secret)) !== null;
    request.access = { caller, project: db.project(caller.project), keyIsValid };
    request.log.trace({ apiKeyId: caller.id }, 'authenticated');
    const { role = 'reader' } = config ?? {};
    const least = typeof role === 'function' ? role(request) : role;
    if (!hasRole(caller.role, least)) {
      throw new TrainyardError('forbidden', `this needs a key with the role ${least}; this one has ${caller.role}`);
    }
  });
});

function accessOf({ access }: Pick<FastifyRequest, 'access'>): Access {
  if (!access) throw new TrainyardError('unauthorized', 'this needs an API key');
  return access;
}

const isReading = ({ method, routeOptions }: FastifyRequest): boolean =>
  method === 'GET' || method === 'HEAD' || routeOptions.config?.reads === true;

/**
 * The key of `Authorization: Bearer`, or of a Basic password, which is what a browser can send for /docs. Basic is only
 * accepted for reading: a browser also attaches the password to forms that other sites submit (CSRF).
 */
function secretOf(request: FastifyRequest): string | null {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(/ +/, 2);
  if (/^bearer$/i.test(scheme) && value) return value;
  if (!/^basic$/i.test(scheme) || !isReading(request)) return null;
  const [, password = ''] = Buffer.from(value, 'base64').toString().split(':', 2);
  return password || null;
}
