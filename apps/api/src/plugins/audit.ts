import type { AuditEntry } from '@trainyard/contracts';
import type { Database } from '@trainyard/db';
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether it is written down who called the route; where nothing is said, unless it only reads. */
    audited?: boolean;
  }
  interface FastifyRequest {
    /** Id of what the request made, for the audit; what it names in its path needs not be told. */
    made: string | null;
  }
  interface FastifyInstance {
    auditLog: AuditLog;
  }
}

const flushMs = 250;
const pruneMs = 60 * 60 * 1000;
/** Entries of one statement, and entries that wait for a database that is away before the oldest are given up. */
const batch = 500;
const waitingAtMost = 20_000;

/**
 * Writes entries a few times a second, so that no request waits for it: a process that is killed loses at most those of its
 * last quarter of a second. While the database is away they wait.
 */
export class AuditLog {
  private waiting: AuditEntry[] = [];
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly db: Pick<Database, 'audit'>,
    private readonly logger: FastifyBaseLogger,
  ) {}

  add(entry: AuditEntry): void {
    if (this.waiting.length >= waitingAtMost) {
      this.waiting.shift();
      this.logger.error('an audit entry is lost: the database has taken none for long');
    }
    this.waiting.push(entry);
  }

  /** Resolves when all entries so far are stored, or could not be stored now. */
  flush(): Promise<void> {
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const entries = this.waiting.splice(0, batch);
      try {
        await this.db.audit.add(entries);
      } catch (error) {
        this.waiting.unshift(...entries);
        this.logger.warn({ err: error }, 'audit entries wait for the database');
        return;
      }
    }
  }
}

/** Everything that changed something, the downloads of weights, and what was forbidden; not what a limit refused. */
function isAudited(request: FastifyRequest, { statusCode }: FastifyReply): boolean {
  if (!request.access || statusCode === 429 || statusCode === 304) return false;
  const { audited = request.method !== 'GET' && request.method !== 'HEAD' } = request.routeOptions.config;
  return audited || statusCode === 403;
}

const entryOf = (request: FastifyRequest, { statusCode }: FastifyReply): AuditEntry => {
  const { id = null } = (request.params ?? {}) as { id?: string };
  const route = (request.routeOptions.url ?? 'unknown').replace(/:(\w+)/g, '{$1}');
  return {
    at: new Date().toISOString(),
    requestId: request.id,
    keyId: request.caller.id,
    project: request.caller.project,
    action: `${request.method} ${route}`,
    object: request.made ?? (statusCode === 400 ? null : id),
    status: statusCode,
  };
};

/** Writes down what keys do. No part of a body, a query or a header is, so no secret can be. */
export const audit = plugin<{ db: Pick<Database, 'audit'>; days: number }>(async (app, { db, days }) => {
  const log = new AuditLog(db, app.log);
  app.decorate('auditLog', log);
  app.decorateRequest('made', null);
  app.addHook('onResponse', async (request, reply) => {
    if (isAudited(request, reply)) log.add(entryOf(request, reply));
  });
  const prune = () => db.audit.prune(days).catch((err: unknown) => app.log.warn({ err }, 'the audit was not pruned'));
  const timers = [setInterval(() => log.flush(), flushMs), setInterval(prune, pruneMs)];
  for (const timer of timers) timer.unref();
  app.addHook('onClose', async () => {
    for (const timer of timers) clearInterval(timer);
    await log.flush();
  });
});
