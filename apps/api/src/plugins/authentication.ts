import { createHash } from 'node:crypto';
import { hasRole, type Role, TrainyardError } from '@trainyard/contracts';
import type { Caller, Database, Project } from '@trainyard/db';
import type { FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without a key: the health probes alone. */
    public?: true;
    /** The least role that may call the route; reader where nothing is said. */
    role?: Role;
  }
  interface FastifyRequest {
    /** Who asks, and what of the database is theirs; null on public routes. */
    access: Access | null;
    /** The key that the request came with. Throws on public routes. */
    readonly caller: Caller;
    /** All that the request's key may read and change. Throws on public routes. */
    readonly project: Project;
  }
}

interface Access {
  caller: Caller;
  project: Project;
  /** Whether the key still opens anything; asks again once in `rememberMs`. */
  stillOpen(): Promise<boolean>;
}

/** A key is looked up again after this long: so long after it was revoked it may still work. */
const rememberMs = 5_000;
const rememberedKeys = 1_000;

/**
 * Remembers keys that were found, by the digest of their secret, so that a client that polls costs one look-up every few
 * seconds, and requests that come meanwhile wait for the same one. Secrets that were not found are never remembered.
 */
function remembering(verify: Database['keys']['verify']): (secret: string) => Promise<Caller | null> {
  const known = new Map<string, { caller: Promise<Caller | null>; until: number }>();
  return async (secret) => {
    const digest = createHash('sha256').update(secret).digest('base64');
    const found = known.get(digest);
    if (found && found.until > Date.now()) return found.caller;
    if (known.size >= rememberedKeys) known.clear();
    const lookUp = { caller: verify(secret), until: Date.now() + rememberMs };
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

/** Every route, known or not, needs a key, unless it says otherwise itself: a forgotten word locks and never opens. */
export const authentication = plugin<{ db: Pick<Database, 'keys' | 'project'> }>(async (app, { db }) => {
  const verify = remembering((secret) => db.keys.verify(secret));
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
    const stillOpen = async () => (await verify(secret)) !== null;
    request.access = { caller, project: db.project(caller.project), stillOpen };
    request.log.trace({ apiKeyId: caller.id }, 'authenticated');
    const least = config?.role ?? 'reader';
    if (!hasRole(caller.role, least)) {
      throw new TrainyardError('forbidden', `this needs a key with the role ${least}; this one has ${caller.role}`);
    }
  });
});

function accessOf({ access }: Pick<FastifyRequest, 'access'>): Access {
  if (!access) throw new TrainyardError('unauthorized', 'this needs an API key');
  return access;
}

const isReading = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD';

/**
 * The key of `Authorization: Bearer`. Browsers, which cannot be told to send that when a person opens /docs, may send it as
 * a Basic password; for reading alone, as a browser sends such a password along with other sites' forms too.
 */
function secretOf(request: FastifyRequest): string | null {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(/ +/, 2);
  if (/^bearer$/i.test(scheme) && value) return value;
  if (!/^basic$/i.test(scheme) || !isReading(request)) return null;
  const [, password = ''] = Buffer.from(value, 'base64').toString().split(':', 2);
  return password || null;
}
