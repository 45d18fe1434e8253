import { Aliases } from '../aliases/aliases.js';
import { Checkpoints } from '../attempts/checkpoints.js';
import { Workers } from '../attempts/workers.js';
import { Batches } from '../batches/batches.js';
import { ForeignRuns } from '../foreign/foreignRuns.js';
import { Imports } from '../imports/imports.js';
import { type EventReads, Events } from '../jobs/events.js';
import { type JobBatches, Jobs } from '../jobs/jobs.js';
import { Mlflow } from '../mlflow/mlflow.js';
import type { Postgres } from '../postgres/postgres.js';
import { Records } from '../records/records.js';
import { Epochs } from '../results/epochs.js';
import { Predictions } from '../results/predictions/predictions.js';
import { Results } from '../results/results.js';
import { Verifications } from '../results/verifications.js';
import { Webhooks } from '../webhooks/webhooks.js';

/** What stores and reads rows for all projects: calls at the same time share statements. */
export type Shared = JobBatches & { events: EventReads };

/**
 * Everything that the keys of one project may read and change. Each of its statements names the project, so rows of
 * other projects are treated as if they did not exist: code that has only a Project cannot reach them.
 */
export class Project {
  readonly jobs: Jobs;
  readonly events: Events;
  readonly metrics: Epochs;
  readonly results: Results;
  readonly predictions: Predictions;
  readonly verifications: Verifications;
  readonly checkpoints: Checkpoints;
  readonly aliases: Aliases;
  readonly workers: Workers;
  readonly imports: Imports;
  readonly batches: Batches;
  readonly foreignRuns: ForeignRuns;
  readonly webhooks: Webhooks;
  readonly mlflow: Mlflow;
  readonly records: Records;

  constructor(
    postgres: Postgres,
    shared: Shared,
    readonly name: string,
  ) {
    this.jobs = new Jobs(postgres, shared, name);
    this.events = new Events(postgres, shared.events, name);
    this.metrics = new Epochs(postgres, name);
    this.results = new Results(postgres, name);
    this.predictions = new Predictions(postgres, name);
    this.verifications = new Verifications(postgres, name);
    this.aliases = new Aliases(postgres, name);
    this.checkpoints = new Checkpoints(postgres, name);
    this.workers = new Workers(postgres, name);
    this.imports = new Imports(postgres, name);
    this.batches = new Batches(postgres, name);
    this.foreignRuns = new ForeignRuns(postgres, name);
    this.webhooks = new Webhooks(postgres, name);
    this.mlflow = new Mlflow(postgres, name);
    this.records = new Records(postgres, name);
  }
}
