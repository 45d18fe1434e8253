import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DiskArtifactStore } from '@trainyard/artifacts';
import type { TrainyardClient } from '@trainyard/client';
import { openDatabase } from '@trainyard/db';
import { openQueue } from '@trainyard/queue';
import { sweep } from '../../../apps/api/src/services/sweeper.js';
import { check } from './check.js';
import { Delays, type Injection } from './delays.js';
import { faults, type Injected, type Scene, type Span } from './faults/index.js';
import { readJobs } from './history.js';
import { type Backend, Machines } from './machines.js';
import { Random } from './random.js';
import { submitAll, unlessRefused } from './user.js';

export interface BatteryOptions {
  seed: number;
  jobs: number;
  faults: number;
  backend: Backend;
  print?: (line: string) => void;
}

/** The battery fails when no job has ended for this long. */
const stalledMs = 120_000;

/**
 * Runs many short jobs and injects faults at moments that the seed draws: a fault happens when its share of the jobs
 * has ended, up to a second later. When all jobs have ended and all faults are over, checks the history of every job.
 *
 * @throws Error with everything that is wrong, and the folder with the logs.
 */
export async function runBattery(options: BatteryOptions): Promise<void> {
  const { seed, jobs, backend, print = () => {} } = options;
  print(`seed ${seed}: ${jobs} jobs and ${options.faults} faults, the queue on ${backend}`);
  const { machines, client } = await Machines.start(backend);
  if (!machines.disk) print('only root may mount, so the faults of the disk are left out');
  const complaints: string[] = [];
  const battery = new Battery(machines, client, options, print);
  try {
    complaints.push(...(await battery.run()));
  } catch (error) {
    complaints.push(...battery.complaints);
    complaints.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  await machines.endFaults();
  await machines.stopProcesses();
  complaints.push(...machines.all.flatMap((each) => each.complaints));
  if (complaints.length > 0) {
    const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-battery-'));
    await machines.saveLogs(folder);
    await writeFile(path.join(folder, 'complaints.txt'), `${complaints.join('\n')}\n`);
    throw new Error(`seed ${seed} on ${backend}: ${complaints.join('\n')}\nlogs: ${folder}`);
  }
}

class Battery {
  /** When the request of each job was sent, and when it was answered. */
  readonly #submitted = new Map<string, Span>();
  readonly #repairs = new Set<Promise<unknown>>();
  readonly #injections: Injection[] = [];
  readonly #unrepaired: string[] = [];
  readonly #random: Random;
  readonly #begin = performance.now();
  readonly #delays: Delays;
  #ended = 0;
  #endedAt = performance.now();
  #over = false;
  readonly #scene: Scene;

  constructor(
    private readonly machines: Machines,
    private readonly client: TrainyardClient,
    private readonly options: BatteryOptions,
    private readonly print: (line: string) => void,
  ) {
    this.#random = new Random(options.seed);
    this.#delays = new Delays(machines, this.#injections);
    this.#scene = { machines, client, random: this.#random, deleted: new Map(), truncated: new Set(), gaps: [] };
  }

  async run(): Promise<string[]> {
    const watching = this.#watch();
    try {
      const submitting = submitAll(this.client, {
        jobs: this.options.jobs,
        ahead: 30,
        random: new Random(this.options.seed + 1),
        ended: () => this.#ended,
        onSubmitted: (id, span) => this.#submitted.set(id, span),
      });
      await Promise.all([submitting, this.#injectFaults()]);
      await Promise.all(this.#repairs);
      await this.#finishAll();
    } finally {
      await Promise.all(this.#repairs);
      this.#over = true;
      await watching;
    }
    await this.#emptyQueue();
    await this.#sweep();
    await this.#summary();
    const { deleted, truncated, gaps } = this.#scene;
    const known = { submitted: this.#submitted, deleted, truncated, gaps };
    return [...this.complaints, ...(await check(this.machines, known, this.print))];
  }

  /** What went wrong before the end. */
  get complaints(): string[] {
    return [...this.#unrepaired, ...this.#delays.complaints];
  }

  async #injectFaults(): Promise<void> {
    const { jobs, faults: wanted } = this.options;
    while (this.#injections.length < wanted) {
      await this.#reached(Math.floor((this.#injections.length / wanted) * jobs * 0.95));
      await sleep(this.#random.integer(0, 1000));
      const name = this.#random.pick(Object.keys(faults));
      const injected = await faults[name]?.(this.#scene).catch((error: unknown) => {
        // Another fault was not over yet, so this one could not be injected.
        this.print(`  ${name}: ${error instanceof Error ? error.message : error}`);
        return null;
      });
      if (!injected) continue;
      this.#follow(name, injected);
      const seconds = Math.round((performance.now() - this.#begin) / 1000);
      const count = this.#injections.length;
      this.print(
        `${String(seconds).padStart(4)} s, ${this.#ended} jobs ended, fault ${count}: ${name} ${injected.what}`,
      );
    }
  }

  #follow(kind: string, { hits, over }: Injected): void {
    const now = performance.now();
    const injection: Injection = { kind, hits, from: now, to: over ? Number.POSITIVE_INFINITY : now };
    this.#injections.push(injection);
    if (!over) return;
    const repaired: Promise<unknown> = over
      .catch((error: unknown) => this.#unrepaired.push(`${kind} did not end: ${error}`))
      .finally(() => {
        injection.to = performance.now();
        this.#repairs.delete(repaired);
      });
    this.#repairs.add(repaired);
  }

  /** Waits until `count` jobs have ended. */
  async #reached(count: number): Promise<void> {
    while (this.#ended < count) {
      if (performance.now() - this.#endedAt > stalledMs) throw new Error(await this.#describeStall());
      await sleep(50);
    }
  }

  async #describeStall(): Promise<string> {
    const open = await this.machines.sql<{ id: string; state: string; attempt: number }>(
      `SELECT id, state::text, attempt FROM jobs WHERE finished_at IS NULL ORDER BY created_at LIMIT 10`,
    );
    return `no job has ended for ${stalledMs / 1000} s; open are ${JSON.stringify(open)}`;
  }

  /** Updates the count of the jobs that have ended or that a failover has lost, and measures delays. */
  async #watch(): Promise<void> {
    while (!this.#over) {
      const count = await this.machines
        .sql<{ open: number }>('SELECT count(*)::int AS open FROM jobs WHERE finished_at IS NULL')
        .then(([row]) => this.#submitted.size - (row?.open ?? 0))
        .catch(() => this.#ended);
      if (count !== this.#ended) this.#endedAt = performance.now();
      this.#ended = count;
      await this.#delays.sample().catch((error: unknown) => {
        if (!this.machines.taken.has('postgres')) this.print(`  delays were not measured: ${error}`);
      });
      await sleep(250);
    }
  }

  /** All faults are over: resumes paused jobs, and waits for the end of all. */
  async #finishAll(): Promise<void> {
    while (this.#ended < this.options.jobs) {
      const paused = await this.machines.sql<{ id: string }>(`SELECT id FROM jobs WHERE state = 'paused'`);
      for (const { id } of paused) await unlessRefused(() => this.client.resume(id));
      await this.#reached(Math.min(this.#ended + 1, this.options.jobs));
    }
  }

  /** Waits for an empty queue: workers drop stale entries, and the reconciler removes them. */
  async #emptyQueue(): Promise<void> {
    const { machines } = this;
    const queue = await openQueue({ redisUrl: machines.redis?.url ?? null, databaseUrl: machines.postgres.url });
    const raw = queue.server.queue(queue.name);
    try {
      for (let tries = 0; ; tries += 1) {
        const counts = await raw.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'completed', 'failed');
        if (Object.values(counts).every((count) => count === 0)) return;
        if (tries > 60) throw new Error(`stale entries are left in the queue: ${JSON.stringify(counts)}`);
        await sleep(500);
      }
    } finally {
      await raw.getBackend().close(true);
      await queue.close();
    }
  }

  /**
   * Runs the API's hourly sweeper: only it removes the files that a killed worker left for a job that was then
   * cancelled.
   */
  async #sweep(): Promise<void> {
    const db = await openDatabase(this.machines.postgres.url);
    const artifacts = new DiskArtifactStore(this.machines.artifacts);
    const logger = { info: (swept: unknown) => this.print(`the sweeper removed ${JSON.stringify(swept)}`) };
    await sweep({ db, artifacts, keepEventsDays: null, keepCheckpointsDays: null, graceMs: 0, logger });
    await db.close();
  }

  async #summary(): Promise<void> {
    const jobs = await readJobs(this.machines);
    const attempts = jobs.flatMap((job) => job.attempts);
    const count = (values: (string | null)[]) =>
      [...new Set(values)].map((value) => `${value} ${values.filter((other) => other === value).length}`).join(', ');
    const seconds = Math.round((performance.now() - this.#begin) / 1000);
    const refused = jobs.flatMap(({ events }) => events).filter(({ data }) => data.code === 'stale_attempt').length;
    this.print(`${jobs.length} jobs in ${seconds} s: ${count(jobs.map(({ state }) => state))}`);
    this.print(`${attempts.length} attempts: ${count(attempts.map(({ outcome }) => outcome))}; ${refused} were stale`);
    for (const line of this.#delays.table()) this.print(line);
  }
}
