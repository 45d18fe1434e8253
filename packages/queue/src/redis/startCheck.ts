import { setTimeout as sleep } from 'node:timers/promises';
import { SettingError } from '@trainyard/contracts';
import { Redis } from 'ioredis';
import type { RedisAddress } from './address.js';
import { explainRedisError, leadsToCluster, leadsToSentinel, PassingFault } from './faults.js';

/** Fields of INFO; null where the user may not run it. */
export type RedisInfo = Map<string, string> | null;

const retryMs = 500;
const connectTimeoutMs = 5000;
const oldestVersion = '5.0.0';

/**
 * Opens one connection and tries what the queue will do.
 *
 * @param onWait called once with the reason, if the server has to be waited for.
 * @throws SettingError at once for what will not pass by itself.
 * @throws SettingError if the server does not answer, or takes no writes, within `timeoutMs`.
 */
export async function checkRedis(
  address: RedisAddress,
  queueName: string,
  timeoutMs: number,
  onWait: (error: Error) => void,
): Promise<RedisInfo> {
  const deadline = performance.now() + timeoutMs;
  let waiting = false;
  for (;;) {
    try {
      return await tryOnce(address, `${address.prefix}:${queueName}:check`, deadline - performance.now());
    } catch (error) {
      const reason = error as Error;
      if (reason instanceof SettingError && !(reason instanceof PassingFault)) throw reason;
      if (performance.now() + retryMs > deadline) {
        if (reason instanceof PassingFault) throw reason;
        const text = `leads to a server that did not answer within ${timeoutMs / 1000} s: ${reason.message}`;
        throw new SettingError('REDIS_URL', text, { cause: reason });
      }
      if (!waiting) onWait(reason);
      waiting = true;
      await sleep(retryMs);
    }
  }
}

async function tryOnce(address: RedisAddress, key: string, withinMs: number): Promise<RedisInfo> {
  // Login and database are sent here, because the driver hides the server's answer to the second.
  const { username, password, db = 0, ...rest } = address.options;
  const client = new Redis({
    ...rest,
    // Without HELLO, which has to carry the login.
    protocol: 2,
    lazyConnect: true,
    enableReadyCheck: false,
    disableClientInfo: true,
    connectTimeout: connectTimeoutMs,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  let failure: Error | null = null;
  client.on('error', (error: Error) => {
    failure = error;
  });
  const timeout = setTimeout(() => client.disconnect(), Math.max(withinMs, retryMs));
  try {
    await client.connect();
    if (password !== undefined) {
      await (username ? client.call('AUTH', username, password) : client.call('AUTH', password));
    }
    const info = await readInfo(client);
    refuseServer(info);
    await client.select(db).catch((error: Error) => {
      if (!/out of range|not allowed|invalid DB/i.test(error.message)) throw error;
      throw new SettingError('REDIS_URL', `names the database ${db}, which the server does not have`, { cause: error });
    });
    await tryCommands(client, key);
    return info;
  } catch (error) {
    const cause = failure && /Connection is closed/.test((error as Error).message) ? failure : (error as Error);
    throw explainRedisError(cause, address);
  } finally {
    clearTimeout(timeout);
    client.disconnect();
  }
}

async function readInfo(client: Redis): Promise<RedisInfo> {
  let text: string;
  try {
    text = await client.info();
  } catch (error) {
    if (/NOPERM|unknown command/i.test((error as Error).message)) return null;
    throw error;
  }
  return new Map(
    text.split(/\r?\n/).map((line): [string, string] => {
      const end = line.indexOf(':');
      return [line.slice(0, end), line.slice(end + 1)];
    }),
  );
}

function refuseServer(info: RedisInfo): void {
  const field = (name: string) => info?.get(name) ?? '';
  if (field('redis_mode') === 'sentinel') throw leadsToSentinel();
  if (field('cluster_enabled') === '1') throw leadsToCluster();
  const version = field('redis_version');
  if (version !== '' && version.localeCompare(oldestVersion, 'en', { numeric: true }) < 0) {
    throw new SettingError('REDIS_URL', `leads to a Redis ${version}; the oldest that works is ${oldestVersion}`);
  }
}

/** The commands that a queue needs, some through BullMQ's scripts, each on a key that is removed at the end. */
async function tryCommands(client: Redis, key: string): Promise<void> {
  const id = `${key}:${process.pid}:${Date.now()}`;
  const [text, hash, list, set, sorted, stream] = ['text', 'hash', 'list', 'set', 'sorted', 'stream'].map(
    (type) => `${id}:${type}`,
  ) as [string, string, string, string, string, string];
  const commands: [string, ...(string | number)[]][] = [
    ['SET', text, 1, 'PX', 10_000],
    ['INCR', text],
    ['GET', text],
    ['HSET', hash, 'a', 1],
    ['HGETALL', hash],
    ['LPUSH', list, 1],
    ['LREM', list, 0, 1],
    ['SADD', set, 1],
    ['SREM', set, 1],
    ['ZADD', sorted, 1, 1],
    ['ZCARD', sorted],
    ['BZPOPMIN', sorted, 1],
    ['XADD', stream, 'MAXLEN', '~', 10, '*', 'a', 1],
    ['EVAL', "return redis.call('EXISTS', KEYS[1])", 1, text],
  ];
  try {
    for (const [name, ...parameters] of commands) await client.call(name, ...parameters);
  } finally {
    await client.call('DEL', text, hash, list, set, sorted, stream);
  }
}
