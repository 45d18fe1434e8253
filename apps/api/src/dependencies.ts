import type { DiskArtifactStore } from '@trainyard/artifacts';
import type { Plan } from '@trainyard/contracts';
import type { DatasetStore } from '@trainyard/datasets';
import type { Database } from '@trainyard/db';
import type { JobQueue } from '@trainyard/queue';
import type { Training } from '@trainyard/training';
import type { ServiceMetrics } from './metrics.js';
import type { Quotas } from './quotas.js';

/** What the routes work with; whoever builds the app opened it and closes it. */
export interface Dependencies {
  /** Not what users have: of that, a route gets its request's own `project` and nothing else. */
  db: Pick<Database, 'ping' | 'keys' | 'audit'>;
  /** Asked before anything is put into the queue. */
  quotas: Quotas;
  queue: Pick<JobQueue, 'counts' | 'backend'>;
  artifacts: DiskArtifactStore;
  datasets: Pick<DatasetStore, 'list' | 'find'>;
  /** What a trainer of this will need; null where this machine has no native executor to ask. */
  memory(training: Training): Promise<Plan['memory']>;
  metrics: ServiceMetrics;
  /** Called after a job was queued, so that it reaches a worker at once and not at the relay's next turn. */
  wake(): void;
}
