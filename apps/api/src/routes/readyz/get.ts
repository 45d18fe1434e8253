import { type Readiness, readinessSchema } from '@trainyard/contracts';
import type { FastifyBaseLogger } from 'fastify';
import { okResponse } from '#http/responses.js';
import type { Route } from '../route.js';

/** A check that takes longer has failed. */
const timeoutMs = 2_000;

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}

/** Readiness: the database and the queue answer, and the artifact store can be written. */
export const getReadiness: Route<'db' | 'queue' | 'artifacts'> = async (app, { db, queue, artifacts }) => {
  const check = async (
    name: string,
    work: () => Promise<unknown>,
    log: FastifyBaseLogger,
  ): Promise<Readiness['checks'][string]> => {
    try {
      await within(work());
      return { ok: true };
    } catch (error) {
      // The reason is only logged, because this route answers without a key.
      log.warn({ err: error, check: name }, 'readiness check failed');
      return { ok: false, detail: 'does not answer' };
    }
  };

  app.get(
    '/readyz',
    {
      config: { public: true },
      logLevel: 'warn',
      schema: {
        tags: ['health'],
        summary: 'Whether database, queue and artifact store can be used, and which cannot',
        security: [],
        response: { ...okResponse(readinessSchema), 503: readinessSchema },
      },
    },
    async ({ log }, reply) => {
      const [database, queued, stored] = await Promise.all([
        check('database', () => db.ping(), log),
        check('queue', () => queue.counts(), log),
        check('artifacts', () => artifacts.check(), log),
      ]);
      const checks = { database, queue: queued, artifacts: stored };
      const ready = Object.values(checks).every(({ ok }) => ok);
      return reply.code(ready ? 200 : 503).send({ ready, checks });
    },
  );
};
