import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { TrainyardClient } from '@trainyard/client';
import { type PostgresServer, type RedisServer, startPostgres, startRedis } from '@trainyard/test-kit';
import { createHome, type Home, SupervisedProcess } from '@trainyard/test-kit/service';
import pg from 'pg';

export type Backend = 'redis' | 'postgres';

/** One API, two workers and their servers, each of which may be hit; all that is killed comes back. */
export class Machines {
  redis: RedisServer | null;
  postgresAway = false;
  redisAway = false;
  #port = '0';
  readonly api: SupervisedProcess;
  readonly workers: SupervisedProcess[];

  private constructor(
    readonly home: Home,
    readonly backend: Backend,
    readonly postgres: PostgresServer,
    redis: RedisServer | null,
  ) {
    this.redis = redis;
    const shared = {
      ...{ TRAINYARD_HOME: home.folder, DATABASE_URL: postgres.url, TRAINYARD_REQUESTS_PER_MINUTE: '0' },
      ...(redis ? { REDIS_URL: redis.url } : {}),
    };
    this.api = new SupervisedProcess('api', 'api', /"ready":\s*true/, () => ({
      ...shared,
      TRAINYARD_PORT: this.#port,
    }));
    this.workers = [1, 2].map((n) => new SupervisedProcess(`worker ${n}`, 'worker', /waits for jobs/, () => shared));
  }

  static async start(backend: Backend): Promise<{ machines: Machines; client: TrainyardClient }> {
    const home = await createHome();
    const postgres = await startPostgres({ commits: 'written' });
    const redis = backend === 'redis' ? await startRedis() : null;
    const machines = new Machines(home, backend, postgres, redis);
    return { machines, client: await machines.#connect() };
  }

  async #connect(): Promise<TrainyardClient> {
    const [first] = this.api.past;
    await first?.line(/"ready":\s*true/);
    const credentials = await readFile(path.join(this.home.folder, 'credentials.json'), 'utf8');
    const { url, apiKey } = JSON.parse(credentials) as { url: string; apiKey: string };
    // The next API process listens where its clients expect it.
    this.#port = new URL(url).port;
    return new TrainyardClient({ baseUrl: url, apiKey });
  }

  get all(): SupervisedProcess[] {
    return [this.api, ...this.workers];
  }

  /** Rows of the database itself, for who looks from outside. @throws while it is away. */
  async sql<T extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<T[]> {
    const client = new pg.Client({ connectionString: this.postgres.url, connectionTimeoutMillis: 5000 });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query<T>(text, values)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  }

  get artifacts(): string {
    return path.join(this.home.folder, 'artifacts');
  }

  /** Every line of every process that there was. */
  async saveLogs(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    for (const { name, past } of this.all) {
      for (const [index, process] of past.entries()) {
        const file = createWriteStream(path.join(folder, `${name.replace(' ', '-')}-${index + 1}.log`));
        for (const line of process.lines) file.write(`${line}\n`);
        await new Promise((resolve) => file.end(resolve));
      }
    }
  }

  /** Heals what a battery that was cut short has left. */
  async comeBack(): Promise<void> {
    if (this.postgresAway) await this.postgres.restart().catch(() => {});
    for (const { process, frozen } of this.workers) if (frozen) process?.signal('SIGCONT');
  }

  async stopProcesses(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
    await this.api.stop();
  }

  async removeServers(): Promise<void> {
    await this.redis?.stop();
    await this.postgres.stop();
    await this.home.remove();
  }
}
