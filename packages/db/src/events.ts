import type { JobEvent } from '@trainyard/contracts';
import type { Client } from './client.js';
import { toEvent } from './rows.js';

/** The job's events with sequence numbers greater than `after`, at most `limit`, in their order. */
async function list(client: Client, project: string, jobId: string, after: number, limit: number): Promise<JobEvent[]> {
  const where = { jobId, job: { project }, sequence: { gt: after } };
  const rows = await client.event.findMany({ where, orderBy: { sequence: 'asc' }, take: limit });
  return rows.map(toEvent);
}

export const events = (client: Client, project: string) => ({
  list: (jobId: string, after: number, limit: number) => list(client, project, jobId, after, limit),
});
