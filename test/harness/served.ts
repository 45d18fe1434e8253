import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { TrainyardClient } from '@trainyard/client';
import { createTestDatabase, type PostgresServer } from '@trainyard/test-kit';
import { onTestFinished } from 'vitest';
import { type Home, makeHome } from './home.js';
import { NodeProcess } from './processes.js';

interface Servers {
  /** Else the queue is in Postgres. */
  redisUrl?: string | undefined;
  /** A server of the test's own; else a database on the one that all share. */
  postgres?: PostgresServer;
}

/** An API for the test that runs, in a home of its own; gone when the test is over, with its workers. */
export async function serve(servers?: Servers): Promise<Served> {
  const home = await makeHome();
  onTestFinished(() => home.remove());
  const served = await Served.start(home, servers);
  onTestFinished(() => served.stop());
  return served;
}

/** One API process and any number of workers on servers of the test's own, as on several machines. */
export class Served {
  readonly workers: NodeProcess[] = [];

  private constructor(
    readonly home: Home,
    readonly client: TrainyardClient,
    private readonly env: NodeJS.ProcessEnv,
    readonly api: NodeProcess,
    private readonly dropDatabase: () => Promise<void>,
  ) {}

  static async start(home: Home, { redisUrl, postgres }: Servers = {}): Promise<Served> {
    const database = postgres ? { url: postgres.url, drop: async () => {} } : await createTestDatabase();
    const env = {
      TRAINYARD_HOME: home.folder,
      TRAINYARD_PORT: '0',
      DATABASE_URL: database.url,
      ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
    };
    const api = new NodeProcess('api', [], env);
    await api.line(/"ready":\s*true/);
    const credentials = await readFile(path.join(home.folder, 'credentials.json'), 'utf8');
    const { url, apiKey } = JSON.parse(credentials) as { url: string; apiKey: string };
    return new Served(home, new TrainyardClient({ baseUrl: url, apiKey }), env, api, () => database.drop());
  }

  /** A worker that waits for jobs. */
  async startWorker(env: NodeJS.ProcessEnv = {}): Promise<NodeProcess> {
    const worker = new NodeProcess('worker', [], { ...this.env, ...env });
    this.workers.push(worker);
    await worker.line(/waits for jobs/);
    return worker;
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.filter((worker) => !worker.ended).map((worker) => worker.end('SIGTERM')));
    await this.api.end('SIGTERM');
    await this.dropDatabase();
  }
}
