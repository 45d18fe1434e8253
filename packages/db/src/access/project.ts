import { checkpoints } from '../attempts/checkpoints.js';
import { workers } from '../attempts/workers.js';
import { type EventReads, events } from '../jobs/events.js';
import { type JobBatches, jobs } from '../jobs/jobs.js';
import type { Client } from '../postgres/client.js';
import { metrics } from '../results/metrics.js';
import { results } from '../results/results.js';

/** What calls of all projects share. */
export type Batches = JobBatches & { events: EventReads };

/**
 * All that the key of one project may read and change. Every statement below here names the project, and what belongs to
 * another is answered as what does not exist; who has only this in hand cannot reach anything else.
 */
export const project = (client: Client, batches: Batches, name: string) => ({
  name,
  jobs: jobs(client, batches, name),
  events: events(batches.events, name),
  metrics: metrics(client, name),
  results: results(client, batches.read, name),
  checkpoints: checkpoints(client, name),
  workers: workers(client, name),
});

export type Project = ReturnType<typeof project>;
