import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '@trainyard/test-kit';
import { Redis } from 'ioredis';
import { after, alone, type Fault } from './fault.js';

export const redisFaults: Record<string, Fault> = {
  'Redis killed, and back empty': alone('redis', async ({ machines, random }) => {
    const { redis } = machines;
    if (!redis) return null;
    await redis.stop();
    const milliseconds = random.integer(0, 4000);
    const over = after(milliseconds, async () => {
      machines.redis = await startRedis({ port: Number(new URL(redis.url).port) });
    });
    return { what: `for ${milliseconds} ms`, hits: ['servers'], over };
  }),

  'Redis full': alone('redis', async ({ machines, random }) => {
    const { redis } = machines;
    if (!redis) return null;
    const milliseconds = random.integer(2000, 15_000);
    await redisCommand(redis.url, 'CONFIG', 'SET', 'maxmemory', '1mb');
    const over = after(milliseconds, () => redisCommand(redis.url, 'CONFIG', 'SET', 'maxmemory', '0'));
    return { what: `for ${milliseconds} ms`, hits: ['servers'], over };
  }),

  /** The old server becomes a replica, which refuses writes. Connections to it stay. */
  'Redis failed over': alone('redis', async ({ machines }) => {
    const old = machines.redis;
    if (!old) return null;
    const { port } = new URL(old.url);
    await redisCommand(old.url, 'CONFIG', 'SET', 'repl-diskless-sync-delay', '0');
    const promoted = await startRedis({ flags: ['--replicaof', '127.0.0.1', port] });
    for (let tries = 0; !(await redisCommand(promoted.url, 'INFO')).includes('master_link_status:up'); tries += 1) {
      if (tries > 100) throw new Error('the replica of Redis does not receive its data');
      await sleep(100);
    }
    await redisCommand(promoted.url, 'REPLICAOF', 'NO', 'ONE');
    machines.redis = promoted;
    machines.retired.push(old);
    for (const { redis } of machines.lines) if (redis) redis.target = Number(new URL(promoted.url).port);
    await redisCommand(old.url, 'REPLICAOF', '127.0.0.1', new URL(promoted.url).port);
    return { what: '', hits: [] };
  }),
};

export async function redisCommand(url: string, name: string, ...args: string[]): Promise<string> {
  const client = new Redis(url, { enableReadyCheck: false });
  client.on('error', () => {});
  try {
    return String(await client.call(name, ...args));
  } finally {
    client.disconnect();
  }
}
