import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { TrainyardClient } from '@trainyard/client';
import {
  type PostgresServer,
  type RedisServer,
  startPostgres,
  startProxy,
  startRedis,
  type TcpProxy,
} from '@trainyard/test-kit';
import { createHome, type Home, patterns, SupervisedProcess } from '@trainyard/test-kit/service';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { Disk } from './disk.js';

export type Backend = 'redis' | 'postgres';

/** What every process depends on; only one fault at a time hits each. */
export type Shared = 'postgres' | 'redis' | 'disk';

/** The connections of one process to the servers. */
export interface Line {
  name: string;
  postgres: TcpProxy;
  redis: TcpProxy | null;
  /** A fault lasts, and resets the proxies at its end. */
  busy: boolean;
}

const names = ['api', 'worker 1', 'worker 2', 'worker 3'] as const;

/**
 * One API, three workers and their servers, which each process reaches by proxies of its own. Faults hit each of them;
 * a killed process is started again.
 */
export class Machines {
  readonly taken = new Set<Shared>();
  /** Redis servers that others have replaced. */
  readonly retired: RedisServer[] = [];
  #port = '0';
  readonly api: SupervisedProcess;
  readonly workers: SupervisedProcess[];

  private constructor(
    readonly home: Home,
    readonly backend: Backend,
    /** The present primary. */
    public postgres: PostgresServer,
    public redis: RedisServer | null,
    readonly lines: Line[],
    readonly disk: Disk | null,
  ) {
    const [api, ...workers] = lines as [Line, ...Line[]];
    const envOf = (line: Line) => ({
      TRAINYARD_HOME: home.folder,
      DATABASE_URL: line.postgres.through(postgres.url),
      TRAINYARD_REQUESTS_PER_MINUTE: '0',
      ...(redis && line.redis ? { REDIS_URL: line.redis.through(redis.url) } : {}),
    });
    this.api = new SupervisedProcess('api', 'api', patterns.apiIsReady, () => ({
      ...envOf(api),
      TRAINYARD_PORT: this.#port,
    }));
    this.workers = workers.map(
      (line) => new SupervisedProcess(line.name, 'worker', patterns.workerIsReady, () => envOf(line)),
    );
  }

  static async start(backend: Backend): Promise<{ machines: Machines; client: TrainyardClient }> {
    const home = await createHome();
    const disk = await Disk.mount(path.join(home.folder, 'artifacts'));
    const postgres = await startPostgres({ commits: 'written', connections: 120 });
    const redis = backend === 'redis' ? await startRedis() : null;
    const portOf = (server: { url: string }) => Number(new URL(server.url).port);
    const lines = await Promise.all(
      names.map(async (name) => ({
        name,
        postgres: await startProxy(portOf(postgres)),
        redis: redis && (await startProxy(portOf(redis))),
        busy: false,
      })),
    );
    const machines = new Machines(home, backend, postgres, redis, lines, disk);
    // Also when the time of the test is over: its processes would be started again for ever.
    onTestFinished(() => machines.#close());
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

  /** Whether a fault hits one of the servers. */
  get away(): boolean {
    return this.taken.has('postgres') || this.taken.has('redis');
  }

  /** Runs a statement over a connection of its own. @throws while Postgres is away. */
  sql<T extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<T[]> {
    return this.session(async (client) => (await client.query<T>(text, values)).rows);
  }

  async session<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({
      connectionString: this.postgres.url,
      application_name: 'battery',
      connectionTimeoutMillis: 5000,
      query_timeout: 5000,
    });
    client.on('error', () => {});
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** The worker that runs a job; null when none of the present ones does. */
  async workerOf(jobId: string): Promise<string | null> {
    const [row] = await this.sql<{ pid: number }>(
      `SELECT pid FROM jobs JOIN attempts ON job_id = jobs.id AND number = attempt
       JOIN workers ON workers.id = worker_id WHERE jobs.id = $1`,
      [jobId],
    );
    return this.workers.find(({ process }) => process?.pid === row?.pid)?.name ?? null;
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

  /** Ends the faults that an interrupted battery has left, so that all processes can stop. */
  async endFaults(): Promise<void> {
    for (const { postgres, redis } of this.lines) await Promise.all([postgres.heal(), redis?.heal()]);
    for (const { process, frozen } of this.workers) if (frozen) process?.signal('SIGCONT');
    await this.disk?.remount('rw');
    await this.disk?.empty();
  }

  async stopProcesses(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
    await this.api.stop();
  }

  /** Each step, whatever became of those before. @throws the first error */
  async #close(): Promise<void> {
    const errors: unknown[] = [];
    for (const step of [() => this.endFaults(), () => this.stopProcesses(), () => this.#removeServers()]) {
      await step().catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0];
  }

  async #removeServers(): Promise<void> {
    for (const { postgres, redis } of this.lines) await Promise.all([postgres.close(), redis?.close()]);
    for (const redis of [...this.retired, this.redis]) await redis?.stop();
    await this.postgres.stop();
    this.disk?.remove();
    await this.home.remove();
  }
}
