import type { AuditEntry } from '@trainyard/contracts';
import type { Database } from '@trainyard/db';
import type { FastifyReply, FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import { z } from 'zod';
import { AuditLog } from '#services/auditLog.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether calls of the route are written to the audit; by default, all but GET, HEAD and OPTIONS. */
    audited?: boolean;
  }
  interface FastifyRequest {
    /**
     * Id of the object that the request created, for the audit. The id of an existing object is in the path already.
     */
    createdId: string | null;
  }
  interface FastifyInstance {
    auditLog: AuditLog;
  }
}

/** Routes without an id or a name in their path have none. */
const paramsSchema = z.object({ id: z.string().optional(), name: z.string().optional() }).catch({});

const flushMs = 250;
const pruneMs = 60 * 60 * 1000;

/**
 * Audited: requests that may change something, downloads of weights, and forbidden requests; not those over a limit.
 */
function isAudited(request: FastifyRequest, { statusCode }: FastifyReply): boolean {
  if (!request.access || statusCode === 429 || statusCode === 304) return false;
  const { audited = !['GET', 'HEAD', 'OPTIONS'].includes(request.method) } = request.routeOptions.config;
  return audited || statusCode === 403;
}

const entryOf = (request: FastifyRequest, { statusCode }: FastifyReply): AuditEntry => {
  const { id, name = null } = paramsSchema.parse(request.params);
  const route = (request.routeOptions.url ?? 'unknown').replace(/:(\w+)/g, '{$1}');
  return {
    at: new Date().toISOString(),
    requestId: request.id,
    keyId: request.caller.id,
    project: request.caller.project,
    action: `${request.method} ${route}`,
    // With 400 the id or name may not be one at all, but any text.
    object: request.createdId ?? (statusCode === 400 ? null : (id ?? name)),
    status: statusCode,
  };
};

/**
 * Records what the holders of keys did, and hourly removes entries older than `days`. An entry contains nothing of a
 * body, a query or a header, and therefore no secret.
 */
export const audit = plugin<{ db: Pick<Database, 'audit'>; days: number }>(async (app, { db, days }) => {
  const log = new AuditLog(db, app.log);
  app.decorate('auditLog', log);
  app.decorateRequest('createdId', null);
  app.addHook('onResponse', async (request, reply) => {
    if (isAudited(request, reply)) log.add(entryOf(request, reply));
  });
  const prune = () =>
    db.audit.prune(days).catch((err: unknown) => app.log.warn({ err }, 'cannot remove old audit entries'));
  const timers = [setInterval(() => log.flush(), flushMs), setInterval(prune, pruneMs)];
  for (const timer of timers) timer.unref();
  app.addHook('onClose', async () => {
    for (const timer of timers) clearInterval(timer);
    await log.flush();
  });
});
