import { TrainyardClient } from '@trainyard/client';
import { onTestFinished } from 'vitest';
import { createTestDatabase } from '../servers/database.js';
import type { PostgresServer } from '../servers/postgres.js';
import { createHome, type Home, readCredentials } from './home.js';
import { NodeProcess } from './nodeProcess.js';
import { patterns } from './patterns.js';

interface Servers {
  /** Absent: the queue is in Postgres. */
  redisUrl?: string | undefined;
  /** A server that this test may stop. Absent: a database of the server that all tests share. */
  postgres?: Pick<PostgresServer, 'url'>;
}

/** Starts an API on a home of its own; it, its workers and the home are gone at the end of the running test. */
export async function useServed(servers?: Servers): Promise<ServedStack> {
  const home = await createHome();
  onTestFinished(() => home.remove());
  const stack = await ServedStack.start(home, servers);
  onTestFinished(() => stack.stop());
  return stack;
}

/** One API process and any number of workers that share a database and perhaps a Redis, as on several machines. */
export class ServedStack {
  readonly workers: NodeProcess[] = [];

  private constructor(
    readonly home: Home,
    readonly client: TrainyardClient,
    private readonly env: NodeJS.ProcessEnv,
    readonly api: NodeProcess,
    private readonly dropDatabase: () => Promise<void>,
  ) {}

  static async start(home: Home, { redisUrl, postgres }: Servers = {}): Promise<ServedStack> {
    const database = postgres ? { url: postgres.url, drop: async () => {} } : await createTestDatabase();
    const env = {
      TRAINYARD_HOME: home.folder,
      TRAINYARD_PORT: '0',
      TRAINYARD_DRAIN_SECONDS: '0',
      DATABASE_URL: database.url,
      ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
    };
    const api = new NodeProcess('api', [], env);
    await api.line(patterns.apiIsReady);
    const { url, apiKey } = await readCredentials(home.folder);
    return new ServedStack(home, new TrainyardClient({ baseUrl: url, apiKey }), env, api, () => database.drop());
  }

  /** Starts a worker. Returns when it waits for jobs. */
  async startWorker(env: NodeJS.ProcessEnv = {}): Promise<NodeProcess> {
    const worker = new NodeProcess('worker', [], { ...this.env, ...env });
    this.workers.push(worker);
    await worker.line(patterns.workerIsReady);
    return worker;
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.filter((worker) => !worker.ended).map((worker) => worker.end('SIGTERM')));
    await this.api.end('SIGTERM');
    await this.dropDatabase();
  }
}
