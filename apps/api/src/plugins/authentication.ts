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
    /** Needs the key itself: from a session, another could be opened that outlives it. */
    needsKey?: true;
  }
  interface FastifyRequest {
    /** The request's key and the data that it may use; null on public routes. */
    access: Access | null;
    /** The request's key. Throws on public routes. */
    readonly caller: Caller;
    /** The data that the request's key may read and change. Throws on public routes. */
    readonly project: Project;
  }
  interface FastifyInstance {
    /** Ends the session of a request; of one that was sent with a key, nothing. */
    endSession(request: FastifyRequest): Promise<void>;
  }
}

interface Access {
  caller: Caller;
  project: Project;
  /** Whether the key is still valid; looked up at most once in `cacheMs`. */
  keyIsValid(): Promise<boolean>;
}

/** How long a found key is cached, and so the longest time for which a revoked or expired key still works. */
const cacheMs = 5_000;
const maxCachedKeys = 1_000;

/**
 * Caches the keys that were found by the digest of their secret or of a session's token: a client that polls costs one
 * look-up every few seconds, and concurrent requests share it. Secrets that were not found are not cached.
 */
class CachedKeys {
  readonly #known = new Map<string, { caller: Promise<Caller | null>; until: number }>();

  constructor(private readonly verify: (secret: string) => Promise<Caller | null>) {}

  async find(secret: string): Promise<Caller | null> {
    const digest = digestOf(secret);
    const known = this.#known;
    const found = known.get(digest);
    if (found && found.until > Date.now()) return found.caller;
    if (known.size >= maxCachedKeys) known.clear();
    const lookUp = { caller: this.verify(secret), until: Date.now() + cacheMs };
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
  }

  forget(secret: string): void {
    this.#known.delete(digestOf(secret));
  }
}

const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('base64');

/** Routes are private by default, unknown URLs included; forgetting `config.public` is safe. */
export const authentication = plugin<{ db: Pick<Database, 'keys' | 'sessions' | 'project'> }>(async (app, { db }) => {
  const keys = new CachedKeys((secret) => db.keys.verify(secret));
  const sessions = new CachedKeys((token) => db.sessions.verify(token));
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
  app.decorate('endSession', async (request: FastifyRequest) => {
    const token = secretOf(request) === null ? request.sessionToken(isReading(request)) : null;
    if (token === null) return;
    await db.sessions.end(token);
    sessions.forget(token);
  });
  app.addHook('onRequest', async (request) => {
    const { config } = request.routeOptions;
    if (config?.public) return;
    const key = secretOf(request);
    const token = key !== null || config?.needsKey ? null : request.sessionToken(isReading(request));
    const secret = key ?? token;
    if (secret === null) throw new TrainyardError('unauthorized', 'send an API key as "Authorization: Bearer <key>"');
    const find = () => (key === null ? sessions : keys).find(secret);
    const caller = await find();
    if (!caller) throw new TrainyardError('unauthorized', `this ${key ? 'API key' : 'session'} is not known here`);
    const keyIsValid = () => find().then((found) => found !== null, isRefusal);
    request.access = { caller, project: db.project(caller.project), keyIsValid };
    request.log.trace({ apiKeyId: caller.id }, 'authenticated');
    const { role = 'reader' } = config ?? {};
    const least = typeof role === 'function' ? role(request) : role;
    if (!hasRole(caller.role, least)) {
      throw new TrainyardError('forbidden', `this needs a key with the role ${least}; this one has ${caller.role}`);
    }
  });
});

/** Whether an expired key is the error, so that the answer is false. @throws any other error */
function isRefusal(error: unknown): false {
  if (error instanceof TrainyardError && error.code === 'unauthorized') return false;
  throw error;
}

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
