import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DiskArtifactStore } from '@trainyard/artifacts';
import type { TrainyardClient } from '@trainyard/client';
import { openDatabase } from '@trainyard/db';
import { openQueue } from '@trainyard/queue';
import { sweep } from '../../../apps/api/src/sweeper.js';
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
  say?: (line: string) => void;
}

/** Nothing moves: no job has ended for so long. */
const stalledMs = 180_000;

/**
 * Many short jobs, and faults at moments that the seed draws: each fault comes when its share of the jobs has ended, and up
 * to a second later. When all is over and healed, the history of every job is checked.
 *
 * @throws with everything that is wrong, and where the logs lie.
 */
export async function runBattery(options: BatteryOptions): Promise<void> {
  const { seed, jobs, backend, say = () => {} } = options;
  say(`seed ${seed}: ${jobs} jobs and ${options.faults} faults, the queue on ${backend}`);
  const { machines, client } = await Machines.start(backend);
  const complaints: string[] = [];
  try {
    const battery = new Battery(machines, client, options, say);
    complaints.push(...(await battery.run()));
  } catch (error) {
    complaints.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  await machines.comeBack();
  await machines.stopProcesses();
  complaints.push(...machines.all.flatMap((each) => each.complaints));
  if (complaints.length > 0) {
    const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-battery-'));
    await machines.saveLogs(folder);
    await writeFile(path.join(folder, 'complaints.txt'), `${complaints.join('\n')}\n`);
    await machines.removeServers();
    throw new Error(`seed ${seed} on ${backend}: ${complaints.join('\n')}\nthe logs lie in ${folder}`);
  }
  await machines.removeServers();
}

class Battery {
  readonly #submitted = new Set<string>();
  readonly #healing = new Set<Promise<unknown>>();
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
    private readonly say: (line: string) => void,
  ) {
    this.#random = new Random(options.seed);
    const later = (milliseconds: number, heal: () => Promise<unknown>) => {
      const healed: Promise<unknown> = sleep(milliseconds)
        .then(heal)
        .finally(() => this.#healing.delete(healed));
      this.#healing.add(healed);
    };
    this.#scene = { machines, client, random: this.#random, later, deleted: new Set(), truncated: new Set() };
  }

  async run(): Promise<string[]> {
    const watching = this.#watch();
    try {
      const submitting = submitAll(this.client, {
        ...{ jobs: this.options.jobs, ahead: 30, random: new Random(this.options.seed + 1), ended: () => this.#ended },
        onSubmitted: (id) => this.#submitted.add(id),
      });
      await Promise.all([submitting, this.#strikeAll()]);
      while (this.#healing.size > 0) await Promise.all(this.#healing);
      await this.#letAllEnd();
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

  async #strikeAll(): Promise<void> {
    const { jobs, faults: wanted } = this.options;
    for (let struck = 0; struck < wanted; ) {
      await this.#reached(Math.floor((struck / wanted) * jobs * 0.95));
      await sleep(this.#random.whole(0, 1000));
      const name = this.#random.pick(Object.keys(faults));
      const what = await faults[name]?.(this.#scene).catch((error: unknown) => {
        // Hit while another fault was not healed: a moment like any other, but nothing was done.
        this.say(`  ${name}: ${error instanceof Error ? error.message : error}`);
        return null;
      });
      if (what === null || what === undefined) continue;
      struck += 1;
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
      const seconds = Math.round((performance.now() - this.#begin) / 1000);
      this.say(`${String(seconds).padStart(4)} s, ${this.#ended} jobs ended, fault ${struck}: ${name} ${what}`);
    }
  }

  /** Waits until so many jobs have ended. */
  async #reached(count: number): Promise<void> {
    while (this.#ended < count) {
      if (performance.now() - this.#endedAt > stalledMs) throw new Error(await this.#whatStalls());
      await sleep(50);
    }
  }

  async #whatStalls(): Promise<string> {
    const open = await this.machines.sql<{ id: string; state: string; attempt: number }>(
      `SELECT id, state::text, attempt FROM jobs WHERE finished_at IS NULL ORDER BY created_at LIMIT 10`,
    );
    return `no job has ended for ${stalledMs / 1000} s; open are ${JSON.stringify(open)}`;
  }

  /** Keeps the count of the jobs that have ended. */
  async #watch(): Promise<void> {
    while (!this.#over) {
      const rows = await this.machines
        .sql<{ count: number }>('SELECT count(*)::int FROM jobs WHERE finished_at IS NOT NULL')
        .catch(() => []);
      // A job that is deleted has ended before.
      const count = rows[0] ? rows[0].count + this.#scene.deleted.size : this.#ended;
      if (count !== this.#ended) this.#endedAt = performance.now();
      this.#ended = count;
      await sleep(150);
    }
  }

  /** Nothing is broken any more; what users have paused goes on. */
  async #letAllEnd(): Promise<void> {
    while (this.#ended < this.options.jobs) {
      const paused = await this.machines.sql<{ id: string }>(`SELECT id FROM jobs WHERE state = 'paused'`);
      for (const { id } of paused) await unlessRefused(() => this.client.resume(id));
      await this.#reached(Math.min(this.#ended + 1, this.options.jobs));
    }
  }

  /** Workers drop what nobody waits for; the reconciler removes it. */
  async #emptyQueue(): Promise<void> {
    const { machines } = this;
    const queue = await openQueue({ redisUrl: machines.redis?.url ?? null, databaseUrl: machines.postgres.url });
    const raw = queue.server.queue(queue.name);
    try {
      for (let tries = 0; ; tries += 1) {
        const counts = await raw.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'completed', 'failed');
        if (Object.values(counts).every((count) => count === 0)) return;
        if (tries > 60) throw new Error(`the queue keeps what nobody waits for: ${JSON.stringify(counts)}`);
        await sleep(500);
      }
    } finally {
      await raw.getBackend().close(true);
      await queue.close();
    }
  }

  /** As the API does every hour: what a worker that was killed left of a job that then was cancelled has no other end. */
  async #sweep(): Promise<void> {
    const db = await openDatabase(this.machines.postgres.url);
    const artifacts = new DiskArtifactStore(this.machines.artifacts);
    const logger = { info: (swept: unknown) => this.say(`the sweeper found ${JSON.stringify(swept)}`) };
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
    this.say(`${jobs.length} jobs in ${seconds} s: ${count(jobs.map(({ state }) => state))}`);
    this.say(
      `${attempts.length} attempts: ${count(attempts.map(({ outcome }) => outcome))}; ${refused} came back too late`,
    );
    this.say(`faults: ${[...this.#counts].map(([name, times]) => `${name} ${times}`).join(', ')}`);
  }
}
