import { readdir, truncate } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openQueue } from '@trainyard/queue';
import type { SupervisedProcess } from '@trainyard/test-kit/service';
import type { Machines } from '../machines.js';
import type { Random } from '../random.js';
import { retryWhileUnavailable, unlessRefused } from '../user.js';
import { after, type Fault, kill, type Scene } from './fault.js';
import { redisCommand } from './redis.js';

/** Faults of single jobs and of their entries in the queue, and what users do to them. */
export const jobFaults: Record<string, Fault> = {
  async 'queue emptied'({ machines }) {
    if (machines.away) return null;
    if (machines.redis) await redisCommand(machines.redis.url, 'FLUSHALL');
    else await machines.sql('TRUNCATE bullmq.job CASCADE');
    return { what: '', hits: [] };
  },

  /** The same attempt is delivered several times, and at once. */
  async 'entries doubled'({ machines }) {
    if (machines.away) return null;
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
    return { what: `of ${jobs.length} jobs`, hits: [] };
  },

  async 'job paused and resumed'({ client, machines, random }) {
    const id = await anyJob(machines, random, ['running', 'running', 'queued']);
    if (id === null) return null;
    const answer = await unlessRefused(() => client.pause(id));
    const over = after(random.integer(0, 3000), () => unlessRefused(() => client.resume(id)));
    return { what: `${id} ${answer}`, hits: [], over };
  },

  async 'job cancelled'({ client, machines, random }) {
    const id = await anyJob(machines, random, ['running', 'running', 'queued']);
    if (id === null) return null;
    const answer = await unlessRefused(() => client.cancel(id));
    if (random.chance(0.3)) return { what: `${id} ${answer}`, hits: [] };
    const over = after(random.integer(0, 4000), () => unlessRefused(() => client.retry(id)));
    return { what: `${id} ${answer}, to be retried`, hits: [], over };
  },

  async 'job deleted'({ client, machines, random, deleted }) {
    const id = await anyJob(machines, random, ['succeeded', 'cancelled']);
    if (id === null) return null;
    const span = { from: performance.now(), to: Number.POSITIVE_INFINITY };
    deleted.set(id, span);
    const answer = await unlessRefused(() => client.delete(id));
    span.to = performance.now();
    // It may have been retried in the meantime; or the first answer was lost, and the second request got 404.
    if (answer === 'refused' && (await retryWhileUnavailable(() => client.job(id)).catch(() => null)))
      deleted.delete(id);
    return { what: `${id} ${answer}`, hits: [] };
  },

  /** The newest checkpoint of a running job is truncated and its trainer killed: the next trainer must notice. */
  async 'checkpoint truncated'(scene) {
    const { machines, random } = scene;
    const worker = random.pick(machines.workers);
    // The worker may hold the end of the job in its queue of messages; the job would then end with the damaged file.
    if (worker.frozen || machines.away) return null;
    const trainer = worker.process && (await busyTrainer(worker));
    if (!trainer) return null;
    if (!kill(trainer.pid, 'SIGSTOP')) return null;
    // Time for the messages that it has already sent.
    await sleep(400);
    const truncatedFile = await truncateNewest(scene, trainer.jobId).catch(() => null);
    kill(trainer.pid, 'SIGKILL');
    return truncatedFile === null ? null : { what: truncatedFile, hits: [] };
  },
};

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

export async function anyJob(machines: Machines, random: Random, states: string[]): Promise<string | null> {
  if (machines.taken.has('postgres')) return null;
  const state = random.pick(states);
  const jobs = await machines
    .sql<{ id: string }>('SELECT id FROM jobs WHERE state = $1::job_state ORDER BY id', [state])
    .catch(() => []);
  return jobs.length === 0 ? null : random.pick(jobs).id;
}
