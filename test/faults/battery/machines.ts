import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { TrainyardClient } from '@trainyard/client';
import { type PostgresServer, type RedisServer, startPostgres, startRedis } from '@trainyard/test-kit';
import { createHome, type Home, patterns, SupervisedProcess } from '@trainyard/test-kit/service';
import pg from 'pg';

export type Backend = 'redis' | 'postgres';

/** One API, two workers and their servers. Faults hit each of them; a killed process is started again. */
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
      TRAINYARD_HOME: home.folder,
      DATABASE_URL: postgres.url,
      TRAINYARD_REQUESTS_PER_MINUTE: '0',
      ...(redis ? { REDIS_URL: redis.url } : {}),
    };
    this.api = new SupervisedProcess('api', 'api', patterns.apiIsReady, () => ({
      ...shared,
      TRAINYARD_PORT: this.#port,
    }));
    this.workers = [1, 2].map(
      (n) => new SupervisedProcess(`worker ${n}`, 'worker', patterns.workerIsReady, () => shared),
    );
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
    await first?.line(patterns.apiIsReady);
    const credentials = await readFile(path.join(this.home.folder, 'credentials.json'), 'utf8');
    const { url, apiKey } = JSON.parse(credentials) as { url: string; apiKey: string };
    // The next API process must use the same port.
    this.#port = new URL(url).port;
    return new TrainyardClient({ baseUrl: url, apiKey });
  }

  get all(): SupervisedProcess[] {
    return [this.api, ...this.workers];
  }

  /** Runs a statement over a connection of its own. @throws while Postgres is away. */
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

  /** Writes the log of every process, past ones included, into files below `folder`. */
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

  /** Ends the faults that an interrupted battery has left: starts Postgres, and continues frozen workers. */
  async endFaults(): Promise<void> {
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
