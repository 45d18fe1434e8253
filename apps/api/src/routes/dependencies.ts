import type { DiskArtifactStore } from '@trainyard/artifacts';
import type { Plan } from '@trainyard/contracts';
import type { DatasetStores } from '@trainyard/datasets';
import type { Database } from '@trainyard/db';
import type { OutgoingOptions } from '@trainyard/process';
import type { JobQueue } from '@trainyard/queue';
import type { Training } from '@trainyard/training';
import type { BatchFiles } from '#services/batches/batchFiles.js';
import type { DatasetQuota } from '#services/datasetQuota.js';
import type { Predictions } from '#services/predict/predictions.js';
import type { Quotas } from '#services/quotas.js';
import type { ServiceMetrics } from '#services/serviceMetrics.js';
import type { Uploads } from '#services/uploads.js';
import type { Verifier } from '#services/verify/verifier.js';

/** What the routes work with. The process that builds the app opens and closes all of it. */
export interface Dependencies {
  /** Without the tables of users' data: of these, a route has its request's own `project` alone. */
  db: Pick<Database, 'ping' | 'keys' | 'sessions' | 'shares' | 'forecasts' | 'audit' | 'changeUnused'>;
  /** Checked before a job is queued. */
  quotas: Quotas;
  queue: Pick<JobQueue, 'counts' | 'checkWritable' | 'backend'>;
  artifacts: DiskArtifactStore;
  datasets: Pick<DatasetStores, 'project' | 'shared'>;
  predictions: Predictions;
  verifier: Verifier;
  uploads: Uploads;
  batchFiles: BatchFiles;
  datasetQuota: DatasetQuota;
  /** Whether datasets may be imported from addresses of this machine and its private network. */
  allowPrivateUrls: boolean;
  /** Whether webhooks may lead there: everywhere, or to these networks, addresses and host names. */
  privateWebhooks: OutgoingOptions['allowPrivate'];
  /**
   * The memory that a trainer needs; null where it cannot be computed, as without a native executor on this machine.
   */
  memory(training: Training): Promise<Plan['memory']>;
  metrics: ServiceMetrics;
  /** The folder with the files of the dashboard; null: it was not built. */
  site: string | null;
  /** Aborted when the process was asked to stop: it serves on for some seconds, but is not ready for more. */
  stopping?: AbortSignal;
  /** Called after a job was queued: the dispatcher then delivers it at once, not at its next poll. */
  wake(): void;
  /** Why the queue does not take the jobs that wait to be delivered; null if it takes them. */
  addFailure?: () => Error | null;
}
