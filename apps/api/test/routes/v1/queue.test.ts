import { Dispatcher, openQueue } from '@trainyard/queue';
import { eventually, redisUrl, startRedis } from '@trainyard/test-kit';
import { pino } from 'pino';
import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { buildApp } from '../../../src/app.js';
import { type Service, startService, submit } from '../../support/service.js';

const logger = pino({ level: 'silent' });

const never = 3_600_000;

/** The service with a dispatcher that never polls, so that a job reaches the queue only because it was woken. */
async function withQueue(redis: string | null, work: (service: Service) => Promise<void>, relayMs = never) {
  const service = await startService();
  const { db, options } = service;
  const queue = await openQueue({ redisUrl: redis, databaseUrl: service.databaseUrl });
  const turns = { relayMs, reconcileMs: never, heartbeatMs: never };
  const dispatcher = new Dispatcher({ database: db, queue, logger, ...turns });
  const app = await buildApp({
    ...options,
    queue,
    wake: () => dispatcher.wake(),
    addFailure: () => dispatcher.addFailure,
  });
  dispatcher.start();
  try {
    const agent = supertest.agent(app.server).set('authorization', `Bearer ${service.admin.secret}`);
    await work({ ...service, agent, anonymous: supertest(app.server) });
  } finally {
    await app.close();
    await dispatcher.stop();
    // Its server may be stopped.
    await queue.close().catch(() => undefined);
    await service.close();
  }
}

describe.each(['postgres', 'redis'] as const)('with the queue on %s', (backend) => {
  it('a submitted job and a retried job reach the queue at once', async () => {
    const redis = backend === 'redis' ? await redisUrl() : null;
    await withQueue(redis, async (service) => {
      const waiting = async () => (await service.agent.get('/v1/queue').expect(200)).body;
      expect(await waiting()).toEqual({ backend, waiting: 0, active: 0 });
      const id = await submit(service);
      await eventually('the job in the queue', async () => (await waiting()).waiting === 1);
      await service.agent.post(`/v1/jobs/${id}/cancel`).expect(202);
      await service.agent.post(`/v1/jobs/${id}/retry`).expect(202);
      await eventually('its next attempt in the queue', async () => (await waiting()).waiting === 2);
      await service.anonymous.get('/readyz').expect(200);
    });
  });
});

describe('while Redis is unavailable', () => {
  it('/readyz names the queue, and jobs can still be submitted', async () => {
    const redis = await startRedis();
    let stopped = false;
    const stop = async () => {
      if (!stopped) await redis.stop();
      stopped = true;
    };
    try {
      await withQueue(redis.url, async (service) => {
        await stop();
        const { body } = await service.anonymous.get('/readyz').expect(503);
        expect(body).toMatchObject({ ready: false, checks: { database: { ok: true }, queue: { ok: false } } });
        await service.anonymous.get('/healthz').expect(200);
        expect((await service.agent.get('/v1/queue').expect(503)).body.code).toBe('unavailable');
        await submit(service);
      });
    } finally {
      await stop();
    }
  });
});

it('/readyz says why the queue takes no entries, and when the relay cannot add those that wait', async () => {
  const redis = await startRedis();
  try {
    await withQueue(
      redis.url,
      async (service) => {
        const queueCheck = async () => (await service.anonymous.get('/readyz')).body.checks.queue;
        expect(await queueCheck()).toEqual({ ok: true });
        await redis.command('CONFIG', 'SET', 'maxmemory', '1mb');
        const full = { ok: false, detail: expect.stringContaining('REDIS_URL leads to a Redis whose memory is full') };
        await eventually('the check', async () => !(await queueCheck()).ok);
        expect(await queueCheck()).toEqual(full);
        await redis.command('CONFIG', 'SET', 'maxmemory', '0');
        await eventually('readiness', async () => (await queueCheck()).ok);

        // Single keys can still be written, but no entry can be added, however often it is tried: BullMQ counts the
        // entries here before it writes anything.
        await redis.command('SET', 'bull:trainyard:id', 'no number');
        await submit(service);
        await eventually('the check', async () => !(await queueCheck()).ok);
        await redis.command('DEL', 'bull:trainyard:id');
        await eventually('readiness', async () => (await queueCheck()).ok);
      },
      100,
    );
  } finally {
    await redis.stop();
  }
});
