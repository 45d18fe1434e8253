import type { Worker } from '@trainyard/contracts';
import { z } from 'zod';
import type { Prisma } from '../postgres/generated/client.js';
import type { Postgres } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';

export type WorkerHeartbeat = Omit<Worker, 'startedAt' | 'heartbeatAt' | 'alive'>;

/** Seconds without a heartbeat after which a worker is shown as not alive. */
const silence = 10;

/** The worker processes of the service. */
export class WorkerHeartbeats {
  constructor(private readonly postgres: Postgres) {}

  /** Also deletes workers that were silent for a day. */
  async heartbeat(worker: WorkerHeartbeat): Promise<void> {
    const { id, hostname, pid, executor, device, jobId, attempt, memoryBytes, fault } = worker;
    await this.postgres.execute(sql`
      WITH silent AS (DELETE FROM workers WHERE heartbeat_at < now() - interval '1 day' AND id <> ${id})
      INSERT INTO workers (
        id, hostname, pid, executor, device, job_id, attempt, memory_bytes, fault, started_at, heartbeat_at
      ) VALUES (
        ${id}, ${hostname}, ${pid}::int, ${executor}, ${device}, ${jobId}, ${attempt}::int, ${memoryBytes}::bigint,
        ${fault}, now(), now()
      )
      ON CONFLICT (id) DO UPDATE SET executor = excluded.executor, device = excluded.device,
        job_id = excluded.job_id, attempt = excluded.attempt, memory_bytes = excluded.memory_bytes,
        fault = excluded.fault, heartbeat_at = now()`);
  }

  /** A worker that shuts down removes itself. */
  async remove(id: string): Promise<void> {
    await this.postgres.prisma.worker.deleteMany({ where: { id } });
  }
}

/** The workers, as the keys of a project may see them. */
export class Workers {
  constructor(
    private readonly postgres: Postgres,
    private readonly project: string,
  ) {}

  /**
   * Newest heartbeat first. Workers that ended without removing themselves stay for a day. Which job a worker trains is
   * only visible to the job's own project.
   */
  async list(): Promise<Worker[]> {
    const { prisma } = this.postgres;
    const [clock] = await this.postgres.query(z.object({ now: z.date() }), sql`SELECT now()`);
    const now = clock?.now.getTime() ?? 0;
    const rows = await prisma.worker.findMany({ orderBy: [{ heartbeatAt: 'desc' }, { id: 'asc' }] });
    const jobIds = rows.map(({ jobId }) => jobId).filter((id) => id !== null);
    const where = { id: { in: jobIds }, project: this.project };
    const own = new Set((await prisma.job.findMany({ where, select: { id: true } })).map(({ id }) => id));
    return rows.map((row) => {
      const alive = now - row.heartbeatAt.getTime() <= silence * 1000;
      return toWorker(own.has(row.jobId ?? '') ? row : { ...row, jobId: null, attempt: null }, alive);
    });
  }
}

const toWorker = (row: Prisma.WorkerModel, alive: boolean): Worker => ({
  id: row.id,
  hostname: row.hostname,
  pid: row.pid,
  startedAt: row.startedAt.toISOString(),
  heartbeatAt: row.heartbeatAt.toISOString(),
  alive,
  jobId: row.jobId,
  attempt: row.attempt,
  executor: row.executor,
  device: row.device,
  memoryBytes: row.memoryBytes === null ? null : Number(row.memoryBytes),
  fault: row.fault,
});
