import type { Worker } from '@trainyard/contracts';
import { toWorker } from '../jobs/rows.js';
import type { Client } from '../postgres/client.js';

export type WorkerHeartbeat = Pick<Worker, 'id' | 'hostname' | 'pid' | 'executor' | 'device' | 'jobId' | 'attempt'>;

/** Seconds without a heartbeat after which a worker is told as not alive. */
const silence = 10;

async function heartbeat(client: Client, worker: WorkerHeartbeat): Promise<void> {
  const { id, hostname, pid, executor, device, jobId, attempt } = worker;
  await client.$executeRaw`
    WITH forgotten AS (DELETE FROM workers WHERE heartbeat_at < now() - interval '1 day' AND id <> ${id})
    INSERT INTO workers (id, hostname, pid, executor, device, job_id, attempt, started_at, heartbeat_at)
    VALUES (${id}, ${hostname}, ${pid}::int, ${executor}, ${device}, ${jobId}, ${attempt}::int, now(), now())
    ON CONFLICT (id) DO UPDATE SET executor = excluded.executor, device = excluded.device,
      job_id = excluded.job_id, attempt = excluded.attempt, heartbeat_at = now()`;
}

/** A worker that ends says so. */
async function remove(client: Client, id: string): Promise<void> {
  await client.worker.deleteMany({ where: { id } });
}

/**
 * Workers that said no goodbye stay for a day. Those heard of last come first. Which job one trains is told to the job's own
 * project alone.
 */
async function list(client: Client, project: string): Promise<Worker[]> {
  const [clock] = await client.$queryRaw<[{ now: Date }]>`SELECT now()`;
  const rows = await client.worker.findMany({ orderBy: [{ heartbeatAt: 'desc' }, { id: 'asc' }] });
  const jobs = rows.map(({ jobId }) => jobId).filter((id) => id !== null);
  const own = new Set(
    (await client.job.findMany({ where: { id: { in: jobs }, project }, select: { id: true } })).map(({ id }) => id),
  );
  return rows.map((row) => {
    const alive = clock.now.getTime() - row.heartbeatAt.getTime() <= silence * 1000;
    return toWorker(own.has(row.jobId ?? '') ? row : { ...row, jobId: null, attempt: null }, alive);
  });
}

export const workerHeartbeats = (client: Client) => ({
  heartbeat: (worker: WorkerHeartbeat) => heartbeat(client, worker),
  remove: (id: string) => remove(client, id),
});

export const workers = (client: Client, project: string) => ({ list: () => list(client, project) });
