import type { KeyLimits } from '@trainyard/contracts';
import type { Database } from '@trainyard/db';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { validatorCompiler } from './http/validation.js';
import { audit } from './plugins/audit.js';
import { authentication } from './plugins/authentication.js';
import { bodyTimeout } from './plugins/bodyTimeout.js';
import { closing } from './plugins/closing.js';
import { compression } from './plugins/compression.js';
import { cors } from './plugins/cors.js';
import { liveEvents } from './plugins/liveEvents.js';
import { openapi } from './plugins/openapi/openapi.js';
import { problems, respondToUnparsable, sendProblem } from './plugins/problems.js';
import { basePathOf, locations, withoutBasePath } from './plugins/publicUrl.js';
import { rateLimit } from './plugins/rateLimit.js';
import { childLogger, logController, newRequestId, requestId } from './plugins/requestLog.js';
import { requestMetrics } from './plugins/requestMetrics.js';
import { securityHeaders } from './plugins/securityHeaders.js';
import { sessionCookie } from './plugins/sessionCookie.js';
import type { Dependencies } from './routes/dependencies.js';
import { routes } from './routes/index.js';
import { Quotas } from './services/quotas.js';

export interface AppOptions extends Omit<Dependencies, 'quotas' | 'site'> {
  /** The folder with the files of the dashboard; null by default: `/` is a page with links. */
  site?: string | null;
  db: Database;
  logger: FastifyBaseLogger;
  /** Limits of keys that have none of their own; null: unlimited. */
  limits: KeyLimits;
  /** Days after which audit entries are removed. */
  keepAuditDays: number;
  version: string;
  /** Where clients reach the service, without a slash at its end; null: at the root of whatever address they use. */
  publicUrl?: string | null;
  /** Addresses and networks of the proxies whose X-Forwarded-For is believed; none by default. */
  trustedProxies?: string[];
  /** Origins whose scripts may use the API in browsers; `*` alone: every one; none by default. */
  corsOrigins?: string[];
  /** Whether the OpenAPI document and its page need no key; true by default. */
  publicDocs?: boolean;
  /** How often live streams read events without being notified, in case a notification was lost; 5 by default. */
  eventPollSeconds?: number;
  timeouts?: Timeouts;
  /** Requests wait for it. */
  started?: Promise<unknown>;
}

/** Timeouts in milliseconds, so that slow clients cannot occupy every connection. */
export interface Timeouts {
  /** Until the headers of a request have arrived. */
  headers: number;
  /** Until the whole request has arrived, but for uploads. */
  request: number;
  /** Without a byte in either direction, as when a client stops reading. Live streams send something every 15 s. */
  idle: number;
}
const defaultTimeouts: Timeouts = { headers: 10_000, request: 30_000, idle: 120_000 };

/**
 * Many clients send `Content-Type: application/json` with every request, also where there is no body. A merge patch
 * (RFC 7396) may have the media type of its own.
 */
function takeEmptyJson(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'string' },
    (request, body, done) => {
      if (body === '') done(null, undefined);
      else parseJson(request, String(body), done);
    },
  );
}

const oneMebibyte = 1 << 20;
/** The longest filter takes 36,000 bytes in a URL: 4,000 characters of three bytes, each written as `%E4`. */
const maxHeaderBytes = 1 << 16;

/** Builds the HTTP service, ready for `listen` or `inject`. `close()` also ends every live stream. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const {
    db,
    logger,
    metrics,
    limits,
    keepAuditDays,
    version,
    publicUrl = null,
    trustedProxies = [],
    corsOrigins = [],
    publicDocs = true,
    eventPollSeconds = 5,
    timeouts = defaultTimeouts,
  } = options;
  const basePath = basePathOf(publicUrl);
  const app = Fastify({
    loggerInstance: logger,
    rewriteUrl: withoutBasePath(basePath),
    trustProxy: trustedProxies.length > 0 ? trustedProxies : false,
    bodyLimit: oneMebibyte,
    genReqId: newRequestId,
    childLoggerFactory: childLogger,
    logController,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: sendProblem,
    clientErrorHandler: respondToUnparsable,
    return503OnClosing: true,
    // Bodies have a timeout of their own, which uploads are exempt from: see plugins/bodyTimeout.ts.
    requestTimeout: 0,
    connectionTimeout: timeouts.idle,
    http: {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: timeouts.headers,
      connectionsCheckingInterval: Math.min(1_000, timeouts.headers),
    },
  });
  // Bodies are JSON. Fastify also parses plain text by default, which no route expects.
  app.removeContentTypeParser('text/plain');
  takeEmptyJson(app);
  app.setValidatorCompiler(validatorCompiler);
  // Response schemas only describe the response in the OpenAPI document: routes return typed data, checked by the
  // compiler.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));

  const { started } = options;
  if (started) app.addHook('onRequest', async () => void (await started));
  await app.register(closing, { stopping: options.stopping });
  await app.register(requestId);
  await app.register(bodyTimeout, { ms: timeouts.request });
  await app.register(problems);
  await app.register(securityHeaders);
  await app.register(requestMetrics, { metrics });
  await app.register(compression);
  await app.register(cors, { origins: corsOrigins });
  await app.register(sessionCookie, { publicUrl });
  await app.register(authentication, { db });
  await app.register(rateLimit, limits);
  await app.register(audit, { db, days: keepAuditDays });
  await app.register(locations, { basePath });
  await app.register(openapi, { version, publicUrl, publicDocs });
  // The server waits for open requests: uploads are cut, and resumed elsewhere or later.
  app.addHook('preClose', async () => options.uploads.stop());
  app.addHook('onClose', () => options.predictions.close());
  await app.register(liveEvents, { db, pollSeconds: eventPollSeconds });
  await app.register(routes, { site: null, ...options, quotas: new Quotas(db.usage, limits) });
  await app.ready();
  return app;
}
