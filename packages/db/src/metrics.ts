import type { EpochMetrics } from '@trainyard/contracts';
import type { Client } from './client.js';
import { toEpochMetrics } from './rows.js';

/** One row an epoch, from the first. */
async function list(client: Client, jobId: string): Promise<EpochMetrics[]> {
  return (await client.epochMetrics.findMany({ where: { jobId }, orderBy: { epoch: 'asc' } })).map(toEpochMetrics);
}

export const metrics = (client: Client) => ({ list: (jobId: string) => list(client, jobId) });
