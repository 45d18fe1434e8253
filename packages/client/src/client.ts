import type {
  ApiKey,
  ArchitectureList,
  ArchitectureSummary,
  AuditEntry,
  AuditQuery,
  Checkpoint,
  CheckpointAnswer,
  CheckpointFormat,
  CreatedKey,
  DescribeBody,
  EpochMetrics,
  Job,
  JobEvent,
  JobSpecInput,
  ListJobsQuery,
  LogLine,
  NewKeyBody,
  Page,
  Plan,
  QueueDepth,
  Readiness,
  ResultRow,
  SubmittedJob,
  TestResults,
  Verification,
  VerifyBody,
  Worker,
} from '@trainyard/contracts';
import { type CheckpointRef, type Download, type DownloadOptions, openDownload } from './download.js';
import { type EventsOptions, eventPages, streamEvents } from './events.js';
import { type ClientOptions, Http } from './http.js';
import { jobPath } from './jobPath.js';
import { allPages } from './pages.js';
import type { HistoryQuery } from './results.js';
import { SessionCalls } from './sessions.js';
import { type SubmitOptions, sendSubmission } from './submit.js';
import { type WaitOptions, waitFor } from './waitFor.js';
import { type WatchOptions, watchJobs } from './watchJobs.js';

export type JobsQuery = Partial<ListJobsQuery>;

/** That a request for a job's end waits: proxies often give up on a quiet connection after 60 s. */
const waitSeconds = 30;

/**
 * The API of one Trainyard service. Every method throws ProblemError for what the service refuses and UnreachableError
 * when it does not answer.
 */
export class TrainyardClient extends SessionCalls {
  constructor(options: ClientOptions) {
    super(new Http(options));
  }

  /** Submits a job. @throws ProblemError `invalid_spec` with every fault of the spec. */
  submit(spec: JobSpecInput, options: SubmitOptions = {}): Promise<SubmittedJob> {
    return sendSubmission(this.http, 'v1/jobs', spec, options);
  }

  /** What a job would be: shapes, parameters, FLOPs, memory, steps. Stores nothing. */
  plan(spec: JobSpecInput): Promise<Plan> {
    return this.http.json('v1/jobs', { method: 'POST', body: spec, query: { dryRun: true } });
  }

  /** The job; with `wait`, when it has ended, at the latest after so many seconds (60 at most). */
  job(id: string, { wait, signal }: { wait?: number; signal?: AbortSignal | undefined } = {}): Promise<Job> {
    return this.http.json(jobPath(id), { query: { wait }, signal });
  }

  /** A page of jobs, newest first. */
  jobs(query: JobsQuery = {}): Promise<Page<Job>> {
    return this.http.json('v1/jobs', { query });
  }

  /** Every job that matches, page after page. */
  allJobs(query: JobsQuery = {}): AsyncGenerator<Job> {
    return allPages(query, (page) => this.jobs(page));
  }

  /** Resolves when the job is at its end, whatever its state is then; survives restarts of the service. */
  waitForJob(id: string, options: WaitOptions<Job> = {}): Promise<Job> {
    const wait = options.onProgress ? undefined : waitSeconds;
    return waitFor(() => this.job(id, { ...(wait && { wait }), signal: options.signal }), options);
  }

  /**
   * Jobs as they change, until all have ended, over one connection: the first answers have each of them, later ones
   * those that have changed. Survives restarts of the service.
   */
  watchJobs(ids: readonly string[], options: WatchOptions = {}): AsyncGenerator<Job[]> {
    return watchJobs(this.http, ids, options);
  }

  /** Events of a job as they happen, until the job is at its end; survives broken connections. */
  events(id: string, options: EventsOptions = {}): AsyncGenerator<JobEvent> {
    return streamEvents(this.http, jobPath(id, 'events'), options);
  }

  /** Events of a job up to now, in their order. */
  eventsSoFar(id: string): AsyncGenerator<JobEvent> {
    return eventPages(this.http, jobPath(id, 'events'));
  }

  /** The log of a job up to now, or the last `tail` lines of it, at most 1000. */
  async *logs(id: string, options: { tail?: number } = {}): AsyncGenerator<LogLine> {
    const path = jobPath(id, 'logs');
    if (options.tail === undefined) yield* eventPages<LogLine>(this.http, path);
    else yield* (await this.http.json<Page<LogLine>>(path, { query: options })).data;
  }

  /** The log of a job as it is written, until the job is at its end; survives broken connections. */
  followLogs(id: string, options: EventsOptions = {}): AsyncGenerator<LogLine> {
    return streamEvents(this.http, jobPath(id, 'logs'), options);
  }

  /** One row an epoch. */
  async metrics(id: string): Promise<EpochMetrics[]> {
    return (await this.http.json<Page<EpochMetrics>>(jobPath(id, 'metrics'))).data;
  }

  /**
   * Test results of a job; `partial` where it failed after its best epoch. @throws ProblemError `not_found` before it
   * was tested.
   */
  results(id: string): Promise<TestResults> {
    return this.http.json(jobPath(id, 'results'));
  }

  /** A page of the history of all tested jobs; those that failed later only with `partial: true`. */
  history(query: HistoryQuery = {}): Promise<Page<ResultRow>> {
    return this.http.json('v1/results', { query });
  }

  /** The whole history that matches, page after page. */
  allHistory(query: HistoryQuery = {}): AsyncGenerator<ResultRow> {
    return allPages(query, (page) => this.history(page));
  }

  /** Loss and accuracy over epochs, as SVG. @throws ProblemError `not_found` before the first epoch. */
  curvesPicture(id: string): Promise<string> {
    return this.http.text(jobPath(id, 'curves.svg'));
  }

  /** The confusion matrix, as SVG. @throws ProblemError `not_found` before the job was tested. */
  confusionPicture(id: string): Promise<string> {
    return this.http.text(jobPath(id, 'confusion.svg'));
  }

  /** Test accuracies with 95 % intervals and training times of 2 to 100 jobs, as SVG. */
  comparisonPicture(ids: readonly string[]): Promise<string> {
    return this.http.text('v1/compare.svg', { query: { jobs: ids } });
  }

  async checkpoints(id: string): Promise<Checkpoint[]> {
    return (await this.http.json<Page<Checkpoint>>(jobPath(id, 'checkpoints'))).data;
  }

  checkpoint(id: string, ref: CheckpointRef): Promise<CheckpointAnswer> {
    return this.http.json(jobPath(id, 'checkpoints', String(ref)));
  }

  /**
   * Has other programs read the downloads and reproduce the stored test; `verifications` of the checkpoint has the
   * outcome.
   */
  async verifyCheckpoint(id: string, ref: CheckpointRef, body: VerifyBody = {}): Promise<Verification[]> {
    const path = jobPath(id, 'checkpoints', String(ref), 'verify');
    return (await this.http.json<Page<Verification>>(path, { method: 'POST', body })).data;
  }

  /** Opens the file of a checkpoint; the caller reads the stream and compares its digest. */
  download(
    id: string,
    ref: CheckpointRef,
    format: CheckpointFormat = 'tfjs',
    options: DownloadOptions = {},
  ): Promise<Download> {
    return openDownload(this.http, jobPath(id, 'checkpoints', String(ref), 'download'), { format }, options);
  }

  /** The presets, with their layers for CIFAR-10's images. */
  async architectures(): Promise<ArchitectureList['data']> {
    return (await this.http.json<ArchitectureList>('v1/architectures')).data;
  }

  /** The layer table of any list of layers. @throws ProblemError `invalid_spec` with every fault. */
  describe(body: DescribeBody): Promise<ArchitectureSummary> {
    return this.http.json('v1/architectures/describe', { method: 'POST', body });
  }

  async workers(): Promise<Worker[]> {
    return (await this.http.json<Page<Worker>>('v1/workers')).data;
  }

  queue(): Promise<QueueDepth> {
    return this.http.json('v1/queue');
  }

  /** Creates a key; its secret is returned here only. Needs an admin key, as all that concerns keys. */
  createKey(body: NewKeyBody): Promise<CreatedKey> {
    return this.http.json('v1/keys', { method: 'POST', body });
  }

  /** The keys that the admin key manages, revoked ones too. */
  async keys(): Promise<ApiKey[]> {
    return (await this.http.json<Page<ApiKey>>('v1/keys')).data;
  }

  /** Within five seconds the key opens nothing. @throws ProblemError `conflict` where it is the key that asks. */
  revokeKey(id: string): Promise<ApiKey> {
    return this.http.json(`v1/keys/${encodeURIComponent(id)}/revoke`, { method: 'POST' });
  }

  /** What keys did, newest first. Needs an admin key. */
  audit(query: Partial<AuditQuery> = {}): Promise<Page<AuditEntry>> {
    return this.http.json('v1/audit', { query });
  }

  /** Of the service, as its OpenAPI document has it. */
  async version(): Promise<string> {
    return (await this.http.json<{ info: { version: string } }>('openapi.json')).info.version;
  }

  /** Whether the service can do its work, and if not, what is missing. Needs no key. */
  async health(): Promise<Readiness> {
    return this.http.json('readyz', { expect: [503] });
  }
}
