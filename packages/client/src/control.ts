import type {
  BulkAnswer,
  BulkRequest,
  Experiment,
  ExperimentsQuery,
  ForecastScores,
  Job,
  JobPatch,
  Page,
  ProjectBody,
  ProjectShare,
  ReplayReport,
  ReplayRequest,
  SubmittedJob,
  TestRequest,
} from '@trainyard/contracts';
import type { CheckpointRef } from './download.js';
import { jobPath } from './jobPath.js';
import { type SubmitOptions, sendSubmission } from './submit.js';
import { WebhookCalls } from './webhooks.js';

export interface EditOptions {
  /** ETag of an earlier answer: the job changes only where it still has that version. */
  ifMatch?: string;
}

/** The calls that change jobs. */
export class ControlCalls extends WebhookCalls {
  /*
   * Commands to a job. Each can be repeated: where the job is already in the state that the command leads to, or on its
   * way there, nothing changes.
   */

  /**
   * Pauses a job: at once when it waits; one that runs writes a checkpoint first. @throws ProblemError `conflict` at
   * its end.
   */
  pause(id: string): Promise<Job> {
    return this.http.json(jobPath(id, 'pause'), { method: 'POST' });
  }

  /** Continues a paused job from its checkpoint. */
  resume(id: string): Promise<Job> {
    return this.http.json(jobPath(id, 'resume'), { method: 'POST' });
  }

  /**
   * Cancels a job: at once when it waits, within a second when it runs. @throws ProblemError `conflict` where it
   * succeeded or failed.
   */
  cancel(id: string): Promise<Job> {
    return this.http.json(jobPath(id, 'cancel'), { method: 'POST' });
  }

  /**
   * Runs a failed or cancelled job again, from its last checkpoint where it has one. @throws ProblemError `conflict`
   * where it succeeded.
   */
  retry(id: string): Promise<Job> {
    return this.http.json(jobPath(id, 'retry'), { method: 'POST' });
  }

  /** Deletes a job that has ended, with its rows and files. @throws ProblemError `conflict` before its end. */
  async delete(id: string): Promise<void> {
    await this.http.send(jobPath(id), { method: 'DELETE' });
  }

  /**
   * Changes name, tags, notes or priority of a job in any state; null resets a field to its default.
   * @throws ProblemError `precondition_failed` where the job has not the version of `ifMatch`.
   */
  edit(id: string, patch: JobPatch, { ifMatch }: EditOptions = {}): Promise<Job> {
    return this.http.json(jobPath(id), { method: 'PATCH', body: patch, headers: { 'if-match': ifMatch } });
  }

  /**
   * Cancels, retries, deletes or tags every job that a filter names, or with `dryRun` counts them. Can be repeated.
   * @throws ProblemError `invalid_input` where the filter is wrong or names more than 10,000 jobs.
   */
  bulk(body: BulkRequest): Promise<BulkAnswer> {
    return this.http.json('v1/jobs/bulk', { method: 'POST', body });
  }

  /** The projects that the admin key manages, with their weights and their jobs in the queue. */
  async projects(): Promise<ProjectShare[]> {
    return (await this.http.json<Page<ProjectShare>>('v1/projects')).data;
  }

  /** Sets the part of a project in the workers; of a project of weight 3 three jobs start for one of weight 1. */
  setProject(name: string, body: ProjectBody): Promise<ProjectShare> {
    return this.http.json(`v1/projects/${encodeURIComponent(name)}`, { method: 'PUT', body });
  }

  /** A page of the project's experiments, by name. */
  experiments(query: Partial<ExperimentsQuery> = {}): Promise<Page<Experiment>> {
    return this.http.json('v1/experiments', { query });
  }

  /** Trains the stored spec of a job again, as a new job; `changes` is a merge patch of the spec. */
  replay(id: string, body: ReplayRequest = {}): Promise<SubmittedJob> {
    return this.http.json(jobPath(id, 'replay'), { method: 'POST', body });
  }

  /** How a replay compares with its original so far. @throws ProblemError `not_found` for a job that replays none. */
  replayReport(id: string): Promise<ReplayReport> {
    return this.http.json(jobPath(id, 'replay'));
  }

  /**
   * Tests a checkpoint on the test split of a dataset, as a new job that trains nothing.
   * @throws ProblemError `invalid_spec` where shape or classes of the images are not those of the training.
   */
  testCheckpoint(
    id: string,
    ref: CheckpointRef,
    body: TestRequest = {},
    options: SubmitOptions = {},
  ): Promise<SubmittedJob> {
    return sendSubmission(this.http, jobPath(id, 'checkpoints', String(ref), 'test'), body, options);
  }

  /** How often forecasts of the last jobs were right. */
  forecasts(): Promise<ForecastScores> {
    return this.http.json('v1/forecasts');
  }
}
