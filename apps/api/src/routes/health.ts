import { type Readiness, readinessSchema } from '@trainyard/contracts';
import { z } from 'zod';
import { answers } from '../http/responses.js';
import type { Route } from './route.js';

/** A probe that waits longer is a failure. */
const timeoutMs = 2_000;

async function check(work: () => Promise<unknown>): Promise<Readiness['checks'][string]> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  try {
    await Promise.race([work(), timeout]);
    return { ok: true };
  } catch {
    // Why stands in the log: this route answers without a key.
    return { ok: false, detail: 'does not answer' };
  } finally {
    clearTimeout(timer);
  }
}

/** `/healthz`: the process answers. `/readyz`: so do the database and the queue, and the artifact store can be written. */
export const health: Route<'db' | 'queue' | 'artifacts'> = async (app, { db, queue, artifacts }) => {
  const common = { config: { public: true }, logLevel: 'warn' } as const;
  const tags = ['health'];

  app.get(
    '/healthz',
    {
      ...common,
      schema: {
        tags,
        summary: 'Whether the process answers',
        security: [],
        response: answers(z.object({ ok: z.literal(true) })),
      },
    },
    async () => ({ ok: true as const }),
  );

  app.get(
    '/readyz',
    {
      ...common,
      schema: {
        tags,
        summary: 'Whether database, queue and artifact store can be used, and which cannot',
        security: [],
        response: { ...answers(readinessSchema), 503: readinessSchema },
      },
    },
    async (_request, reply) => {
      const [database, queued, stored] = await Promise.all(
        [() => db.ping(), () => queue.counts(), () => artifacts.check()].map(check),
      );
      const checks = { database, queue: queued, artifacts: stored } as Readiness['checks'];
      const ready = Object.values(checks).every(({ ok }) => ok);
      return reply.code(ready ? 200 : 503).send({ ready, checks });
    },
  );
};
