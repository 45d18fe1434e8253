import { createHash } from 'node:crypto';
import { TrainyardError } from '@trainyard/contracts';
import type { ApiKey, Database } from '@trainyard/db';
import type { FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';

/** What a route asks of a key. Each role may do what those before it may. */
const roles = ['reader', 'submitter', 'admin'] as const;
type Role = (typeof roles)[number];
type Verify = Database['keys']['verify'];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without a key: the health probes alone. */
    public?: true;
    /** The least role that may call the route; reader where nothing is said. */
    role?: Role;
  }
  interface FastifyRequest {
    /** The key that the request came with; null on public routes. */
    apiKey: ApiKey | null;
  }
}

/** A key is looked up again after this long; one that is revoked works no longer. */
const rememberMs = 5_000;
const rememberedKeys = 1_000;

/**
 * Remembers keys that were found, by the digest of their secret, so that a client that polls costs one look-up every few
 * seconds. Secrets that were not found are never remembered.
 */
function remembering(verify: Verify): Verify {
  const known = new Map<string, { key: ApiKey; until: number }>();
  return async (secret) => {
    const digest = createHash('sha256').update(secret).digest('base64');
    const found = known.get(digest);
    if (found && found.until > Date.now()) return found.key;
    known.delete(digest);
    const key = await verify(secret);
    if (known.size >= rememberedKeys) known.clear();
    if (key) known.set(digest, { key, until: Date.now() + rememberMs });
    return key;
  };
}

/** Every route, known or not, needs a key, unless it says otherwise itself: a forgotten word locks and never opens. */
export const authentication = plugin<{ keys: Pick<Database['keys'], 'verify'> }>(async (app, { keys }) => {
  const verify = remembering(keys.verify);
  app.decorateRequest('apiKey', null);
  app.addHook('onRequest', async (request) => {
    const { config } = request.routeOptions;
    if (config?.public) return;
    const secret = secretOf(request);
    if (secret === null) throw new TrainyardError('unauthorized', 'send an API key as "Authorization: Bearer <key>"');
    const key = await verify(secret);
    if (!key) throw new TrainyardError('unauthorized', 'this API key is not known here');
    request.apiKey = key;
    request.log.trace({ apiKeyId: key.id }, 'authenticated');
    const least = config?.role ?? 'reader';
    if (roles.indexOf(key.role) < roles.indexOf(least)) {
      throw new TrainyardError('forbidden', `this needs a key with the role ${least}; this one has ${key.role}`);
    }
  });
});

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
