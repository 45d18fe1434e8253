import { type Readiness, readinessSchema } from '@trainyard/contracts';
import { okResponse } from '#http/responses.js';
import { ReadinessCheck } from '#services/readinessCheck.js';
import type { Route } from '../route.js';

/** Readiness: the database takes writes, the queue takes entries, and the artifact store can be written. */
export const getReadiness: Route<'db' | 'queue' | 'artifacts' | 'addFailure' | 'stopping'> = async (app, deps) => {
  const { db, queue, artifacts, addFailure, stopping } = deps;
  const checkQueue = async () => {
    await queue.checkWritable();
    const failure = addFailure?.();
    if (failure) throw failure;
  };
  const all = {
    database: new ReadinessCheck('database', () => db.ping(), app.log),
    queue: new ReadinessCheck('queue', checkQueue, app.log),
    artifacts: new ReadinessCheck('artifacts', () => artifacts.check(), app.log),
  };

  app.get(
    '/readyz',
    {
      config: { public: true },
      logLevel: 'warn',
      schema: {
        operationId: 'getReadiness',
        tags: ['health'],
        summary: 'Whether database, queue and artifact store can be used, and which cannot',
        security: [],
        response: { ...okResponse(readinessSchema), 503: readinessSchema },
      },
    },
    async (_request, reply) => {
      const entries = Object.entries(all).map(async ([name, check]) => [name, await check.run()] as const);
      const checks: Readiness['checks'] = Object.fromEntries(await Promise.all(entries));
      if (stopping?.aborted) checks.process = { ok: false, detail: 'is about to stop' };
      const ready = Object.values(checks).every(({ ok }) => ok);
      return reply.code(ready ? 200 : 503).send({ ready, checks });
    },
  );
};
