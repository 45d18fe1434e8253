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
import { faults, type Scene } from './faults.js';
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
const stalledMs = 180_000;

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
  const complaints: string[] = [];
  try {
    const battery = new Battery(machines, client, options, print);
    complaints.push(...(await battery.run()));
  } catch (error) {
    complaints.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  await machines.endFaults();
  await machines.stopProcesses();
  complaints.push(...machines.all.flatMap((each) => each.complaints));
  if (complaints.length > 0) {
    const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-battery-'));
    await machines.saveLogs(folder);
    await writeFile(path.join(folder, 'complaints.txt'), `${complaints.join('\n')}\n`);
    await machines.removeServers();
    throw new Error(`seed ${seed} on ${backend}: ${complaints.join('\n')}\nlogs: ${folder}`);
  }
  await machines.removeServers();
}

class Battery {
  readonly #submitted = new Set<string>();
  readonly #repairs = new Set<Promise<unknown>>();
  readonly #counts = new Map<string, number>();
  readonly #random: Random;
  readonly #begin = performance.now();
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
    const later = (milliseconds: number, repair: () => Promise<unknown>) => {
      const repaired: Promise<unknown> = sleep(milliseconds)
        .then(repair)
        .finally(() => this.#repairs.delete(repaired));
      this.#repairs.add(repaired);
    };
    this.#scene = { machines, client, random: this.#random, later, deleted: new Set(), truncated: new Set() };
  }

  async run(): Promise<string[]> {
    const watching = this.#countEndedJobs();
    try {
      const submitting = submitAll(this.client, {
        jobs: this.options.jobs,
        ahead: 30,
        random: new Random(this.options.seed + 1),
        ended: () => this.#ended,
        onSubmitted: (id) => this.#submitted.add(id),
      });
      await Promise.all([submitting, this.#injectFaults()]);
      while (this.#repairs.size > 0) await Promise.all(this.#repairs);
      await this.#finishAll();
    } finally {
      this.#over = true;
      await watching;
    }
    await this.#emptyQueue();
    await this.#sweep();
    await this.#summary();
    const { deleted, truncated } = this.#scene;
    return check(this.machines, { submitted: this.#submitted, deleted, truncated });
  }

  async #injectFaults(): Promise<void> {
    const { jobs, faults: wanted } = this.options;
    for (let injected = 0; injected < wanted; ) {
      await this.#reached(Math.floor((injected / wanted) * jobs * 0.95));
      await sleep(this.#random.integer(0, 1000));
      const name = this.#random.pick(Object.keys(faults));
      const what = await faults[name]?.(this.#scene).catch((error: unknown) => {
        // Another fault was not over yet, so this one could not be injected.
        this.print(`  ${name}: ${error instanceof Error ? error.message : error}`);
        return null;
      });
      if (what === null || what === undefined) continue;
      injected += 1;
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
      const seconds = Math.round((performance.now() - this.#begin) / 1000);
      this.print(`${String(seconds).padStart(4)} s, ${this.#ended} jobs ended, fault ${injected}: ${name} ${what}`);
    }
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

  /** Updates the count of the jobs that have ended. */
  async #countEndedJobs(): Promise<void> {
    while (!this.#over) {
      const rows = await this.machines
        .sql<{ count: number }>('SELECT count(*)::int FROM jobs WHERE finished_at IS NOT NULL')
        .catch(() => []);
      // Only jobs that have ended are deleted.
      const count = rows[0] ? rows[0].count + this.#scene.deleted.size : this.#ended;
      if (count !== this.#ended) this.#endedAt = performance.now();
      this.#ended = count;
      await sleep(150);
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
    this.print(`faults: ${[...this.#counts].map(([name, times]) => `${name} ${times}`).join(', ')}`);
  }
}
