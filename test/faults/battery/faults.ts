import { readdir, truncate } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TrainyardClient } from '@trainyard/client';
import { openQueue } from '@trainyard/queue';
import { startRedis } from '@trainyard/test-kit';
import type { SupervisedProcess } from '@trainyard/test-kit/service';
import type { Machines } from './machines.js';
import type { Random } from './random.js';
import { retryWhileUnavailable, unlessRefused } from './user.js';

export interface Scene {
  machines: Machines;
  client: TrainyardClient;
  random: Random;
  /** Ends a fault after a while; the battery waits for that before it checks. */
  later(milliseconds: number, repair: () => Promise<unknown>): void;
  /** Jobs that were deleted at their end. */
  deleted: Set<string>;
  /** Keys of checkpoints whose files were truncated. */
  truncated: Set<string>;
}

/** Injects a fault. Returns a description of it; null when there was nothing to hit. */
type Fault = (scene: Scene) => Promise<string | null>;

/** Each may happen at any moment, also while others are not over yet. */
export const faults: Record<string, Fault> = {
  async 'trainer killed'({ machines, random }) {
    const trainers = machines.workers.flatMap(({ process }) => process?.children ?? []);
    if (trainers.length === 0) return null;
    const pid = random.pick(trainers);
    return kill(pid, 'SIGKILL') ? `${pid}` : null;
  },

  async 'worker killed'({ machines, random }) {
    const worker = random.pick(machines.workers);
    worker.kill(random.integer(0, 2000));
    return worker.name;
  },

  async 'worker stopped'({ machines, random, later }) {
    const worker = random.pick(machines.workers);
    if (!worker.process || worker.frozen) return null;
    later(0, () => worker.terminate(random.integer(0, 1000)));
    return worker.name;
  },

  /** After ten seconds its job is given to another worker; when it continues, its attempt is stale. */
  async 'worker frozen'({ machines, random, later }) {
    const worker = random.pick(machines.workers);
    const pid = worker.process?.pid;
    if (!pid || worker.frozen || worker.ending || !kill(pid, 'SIGSTOP')) return null;
    worker.frozen = true;
    const milliseconds = random.pick([300, 3000, 14_000]);
    later(milliseconds, async () => {
      worker.frozen = false;
      kill(pid, 'SIGCONT');
    });
    return `${worker.name} for ${milliseconds} ms`;
  },

  async 'api killed'({ machines, random }) {
    machines.api.kill(random.integer(0, 2000));
    return '';
  },

  async 'api stopped'({ machines, random, later }) {
    if (!machines.api.process) return null;
    later(0, () => machines.api.terminate(random.integer(0, 1000)));
    return '';
  },

  async 'queue emptied'({ machines }) {
    if (machines.redisAway || machines.postgresAway) return null;
    if (machines.redis) await redisCommand(machines.redis.url, 'FLUSHALL');
    else await machines.sql('TRUNCATE bullmq.job CASCADE');
    return '';
  },

  async 'Redis killed, and back empty'({ machines, random, later }) {
    const { redis } = machines;
    if (!redis || machines.redisAway) return null;
    machines.redisAway = true;
    await redis.stop();
    const milliseconds = random.integer(0, 4000);
    later(milliseconds, async () => {
      machines.redis = await startRedis({ port: Number(new URL(redis.url).port) });
      machines.redisAway = false;
    });
    return `for ${milliseconds} ms`;
  },

  'Postgres stopped': (scene) => postgresAway(scene, 'fast'),
  'Postgres killed': (scene) => postgresAway(scene, 'immediate'),

  /** The same attempt is delivered several times, and at once. */
  async 'entries doubled'({ machines }) {
    if (machines.redisAway || machines.postgresAway) return null;
    const jobs = await machines.sql<{ id: string; attempt: number }>(
      `SELECT id, attempt FROM jobs WHERE state IN ('queued', 'running') ORDER BY created_at LIMIT 5`,
    );
    const queue = await openQueue({
      redisUrl: machines.redis?.url ?? null,
      databaseUrl: machines.postgres.url,
      onError: () => {},
    });
    // Under other ids, which the service's own queue would never use.
    const raw = queue.server.queue(queue.name);
    raw.on('error', () => {});
    const add = (copy: number, { id, attempt }: { id: string; attempt: number }) =>
      raw.add('attempt', { jobId: id, attempt }, { jobId: `copy-${copy}-of-${id}-${attempt}`, priority: copy });
    try {
      await Promise.all(jobs.flatMap((job) => [1, 2, 3].map((copy) => add(copy, job))));
    } finally {
      await raw.getBackend().close(true);
      await queue.close();
    }
    return `of ${jobs.length} jobs`;
  },

  async 'job paused and resumed'({ client, machines, random, later }) {
    const id = await anyJob(machines, random, ['running', 'running', 'queued']);
    if (id === null) return null;
    const answer = await unlessRefused(() => client.pause(id));
    later(random.integer(0, 3000), () => unlessRefused(() => client.resume(id)));
    return `${id} ${answer}`;
  },

  async 'job cancelled'({ client, machines, random, later }) {
    const id = await anyJob(machines, random, ['running', 'running', 'queued']);
    if (id === null) return null;
    const answer = await unlessRefused(() => client.cancel(id));
    const retried = random.chance(0.7);
    if (retried) later(random.integer(0, 4000), () => unlessRefused(() => client.retry(id)));
    return `${id} ${answer}${retried ? ', to be retried' : ''}`;
  },

  async 'job deleted'({ client, machines, random, deleted }) {
    const id = await anyJob(machines, random, ['succeeded', 'cancelled']);
    if (id === null) return null;
    deleted.add(id);
    const answer = await unlessRefused(() => client.delete(id));
    // It may have been retried in the meantime; or the first answer was lost, and the second request got 404.
    if (answer === 'refused' && (await retryWhileUnavailable(() => client.job(id)).catch(() => null)))
      deleted.delete(id);
    return `${id} ${answer}`;
  },

  /** The newest checkpoint of a running job is truncated and its trainer killed: the next trainer must notice. */
  async 'checkpoint truncated'(scene) {
    const { machines, random } = scene;
    const worker = random.pick(machines.workers);
    // The worker may hold the end of the job in its queue of messages; the job would then end with the damaged file.
    if (worker.frozen || machines.postgresAway) return null;
    const trainer = worker.process && (await busyTrainer(worker));
    if (!trainer) return null;
    if (!kill(trainer.pid, 'SIGSTOP')) return null;
    // Time for the messages that it has already sent.
    await sleep(400);
    const truncatedFile = await truncateNewest(scene, trainer.jobId).catch(() => null);
    kill(trainer.pid, 'SIGKILL');
    return truncatedFile;
  },
};

async function postgresAway({ machines, random, later }: Scene, how: 'fast' | 'immediate'): Promise<string | null> {
  if (machines.postgresAway) return null;
  machines.postgresAway = true;
  await machines.postgres.interrupt(how);
  const milliseconds = random.pick([0, 1000, 5000, 12_000]);
  later(milliseconds, async () => {
    await machines.postgres.restart();
    machines.postgresAway = false;
  });
  return `for ${milliseconds} ms`;
}

async function truncateNewest({ machines, random, truncated }: Scene, jobId: string): Promise<string | null> {
  const [newest] = await machines.sql<{ key: string }>(
    `SELECT key FROM checkpoints JOIN jobs ON jobs.id = job_id WHERE job_id = $1 AND state = 'running' AND last`,
    [jobId],
  );
  if (!newest) return null;
  const folder = path.join(machines.artifacts, newest.key);
  const file = random.pick((await readdir(folder)).filter((name) => name !== 'exports'));
  truncated.add(newest.key);
  await truncate(path.join(folder, file), 10);
  return `${newest.key}/${file}`;
}

/** The trainer that runs a job, from the newest log line of the worker that names one. */
async function busyTrainer(worker: SupervisedProcess): Promise<{ pid: number; jobId: string } | null> {
  const line = worker.process?.lines.findLast((text) => text.includes('"trainerPid":'));
  if (!line) return null;
  const { trainerPid, jobId } = JSON.parse(line) as { trainerPid: number; jobId: string };
  return worker.process?.children.includes(trainerPid) ? { pid: trainerPid, jobId } : null;
}

async function anyJob(machines: Machines, random: Random, states: string[]): Promise<string | null> {
  if (machines.postgresAway) return null;
  const state = random.pick(states);
  const jobs = await machines
    .sql<{ id: string }>('SELECT id FROM jobs WHERE state = $1::job_state ORDER BY id', [state])
    .catch(() => []);
  return jobs.length === 0 ? null : random.pick(jobs).id;
}

async function redisCommand(url: string, text: string): Promise<void> {
  const { Redis } = await import('ioredis');
  const client = new Redis(url);
  client.on('error', () => {});
  await client.call(text);
  await client.quit();
}

/** Returns false when the process does not exist any more. */
function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
