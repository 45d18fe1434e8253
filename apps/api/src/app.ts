import type { KeyLimits } from '@trainyard/contracts';
import type { Database } from '@trainyard/db';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Dependencies } from './dependencies.js';
import { validatorCompiler } from './http/validation.js';
import { audit } from './plugins/audit.js';
import { authentication } from './plugins/authentication.js';
import { closing } from './plugins/closing.js';
import { liveEvents } from './plugins/liveEvents.js';
import { openapi } from './plugins/openapi.js';
import { answerBrokenRequest, problems, sendProblem } from './plugins/problems.js';
import { rateLimit } from './plugins/rateLimit.js';
import { childLogger, logController, newRequestId, requestId } from './plugins/requestLog.js';
import { requestMetrics } from './plugins/requestMetrics.js';
import { securityHeaders } from './plugins/securityHeaders.js';
import { Quotas } from './quotas.js';
import { routes } from './routes/index.js';

export interface AppOptions extends Omit<Dependencies, 'quotas'> {
  db: Database;
  logger: FastifyBaseLogger;
  /** Of keys that have none of their own; null: any number. */
  limits: KeyLimits;
  /** For which it is remembered what keys did. */
  keepAuditDays: number;
  version: string;
  /** How often live streams look for events whose notification was lost; 5 by default. */
  eventPollSeconds?: number;
  patience?: Patience;
}

/** Milliseconds for which a client is waited for, so that slow ones cannot hold every connection. */
export interface Patience {
  /** Until the headers of a request have come. */
  headers: number;
  /** Until the whole request has. */
  request: number;
  /** While neither side's bytes move, as with a client that reads no more; streams send one every 15 seconds. */
  idle: number;
}
const usualPatience: Patience = { headers: 10_000, request: 30_000, idle: 120_000 };

const oneMebibyte = 1 << 20;

/** The HTTP service, ready to listen or to be injected; never listens itself. `close()` ends every live stream. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const {
    db,
    logger,
    metrics,
    limits,
    keepAuditDays,
    version,
    eventPollSeconds = 5,
    patience = usualPatience,
  } = options;
  const app = Fastify({
    loggerInstance: logger,
    bodyLimit: oneMebibyte,
    genReqId: newRequestId,
    childLoggerFactory: childLogger,
    logController,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: sendProblem,
    clientErrorHandler: answerBrokenRequest,
    return503OnClosing: true,
    requestTimeout: patience.request,
    connectionTimeout: patience.idle,
    http: { headersTimeout: patience.headers, connectionsCheckingInterval: Math.min(1_000, patience.headers) },
  });
  // Bodies are JSON; Fastify would take plain text too, which no route knows what to do with.
  app.removeContentTypeParser('text/plain');
  app.setValidatorCompiler(validatorCompiler);
  // Answers are typed rows of our own; the schemas describe them in the OpenAPI document and cost nothing at run time.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));

  await app.register(closing);
  await app.register(requestId);
  await app.register(problems);
  await app.register(securityHeaders);
  await app.register(requestMetrics, { metrics });
  await app.register(authentication, { db });
  await app.register(rateLimit, limits);
  await app.register(audit, { db, days: keepAuditDays });
  await app.register(openapi, { version });
  await app.register(liveEvents, { db, pollSeconds: eventPollSeconds });
  await app.register(routes, { ...options, quotas: new Quotas(db.usage, limits) });
  await app.ready();
  return app;
}
