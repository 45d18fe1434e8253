import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import type { PostgresServer } from './servers/postgres.js';
import type { RedisServer } from './servers/redis.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL at which `servers/shared.ts` requests the address of a server; the first request starts the server. */
    testServers: string;
  }
}

/**
 * One Postgres and one Redis server for a whole test run, started at the first request: a run of unit tests starts
 * none. Tests run in other processes, so their requests come over HTTP.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let postgres: Promise<PostgresServer> | undefined;
  let redis: Promise<RedisServer> | undefined;
  const start: Record<string, () => Promise<{ url: string }>> = {
    '/postgres': () => (postgres ??= import('./servers/postgres.js').then((module) => module.startPostgres())),
    '/redis': () => (redis ??= import('./servers/redis.js').then((module) => module.startRedis())),
  };
  let requests = 0;
  const broker = createServer(async (request, response) => {
    try {
      const server = await start[request.url ?? '']?.();
      requests += 1;
      response.end(JSON.stringify({ url: server?.url, ordinal: requests }));
    } catch (error) {
      response.statusCode = 500;
      response.end(error instanceof Error ? error.message : String(error));
    }
  });
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
  project.provide('testServers', `http://127.0.0.1:${(broker.address() as AddressInfo).port}`);
  return async () => {
    broker.closeAllConnections();
    broker.close();
    const started = await Promise.allSettled([postgres, redis]);
    await Promise.all(started.map((server) => (server.status === 'fulfilled' ? server.value?.stop() : undefined)));
  };
}
