import type { EpochMetrics } from '@trainyard/contracts';
import { toEpochMetrics } from '../jobs/rows.js';
import type { Client } from '../postgres/client.js';

/** One row an epoch, from the first. */
async function list(client: Client, project: string, jobId: string): Promise<EpochMetrics[]> {
  const where = { jobId, attemptRow: { job: { project } } };
  return (await client.epochMetrics.findMany({ where, orderBy: { epoch: 'asc' } })).map(toEpochMetrics);
}

export const metrics = (client: Client, project: string) => ({ list: (jobId: string) => list(client, project, jobId) });
