import {
  type BulkBody,
  type Experiment,
  type ExperimentsQuery,
  type Job,
  type JobPatch,
  type ListJobsQuery,
  NotFoundError,
  type Page,
  type ReplayReport,
} from '@trainyard/contracts';
import { conditionsOf } from '../filter/conditionsOf.js';
import type { Column } from '../filter/jobFields.js';
import { orderOf, sortValueOf } from '../filter/orderOf.js';
import { checkStorable } from '../postgres/checkStorable.js';
import { toPage } from '../postgres/page.js';
import type { Postgres } from '../postgres/postgres.js';
import { join, type Sql, sql } from '../postgres/sql.js';
import { type BulkOptions, type BulkResult, changeAll } from './bulk.js';
import { type CommandName, commands, control } from './control.js';
import { deleteJob } from './deletions.js';
import { editJob } from './edit.js';
import { listExperiments } from './experiments.js';
import type { Submission } from './insertJobs.js';
import { jobRowSchema, toJob } from './jobRow.js';
import type { JobLookUps, JobVersion, VersionedJob } from './lookUps.js';
import { reportReplay } from './replays.js';
import { selectJobs } from './selectJobs.js';
import type { Repeated, Submissions, SubmittedJob } from './submissions.js';

/** A job after a command, and whether the command changed it. */
export type ControlledJob = { job: Job; changed: boolean };

/** What stores jobs and looks them up for all projects: calls at the same time share statements. */
export type JobBatches = { submissions: Submissions; lookUps: JobLookUps };

/** The jobs of a project. */
export class Jobs {
  constructor(
    private readonly postgres: Postgres,
    private readonly batches: JobBatches,
    private readonly project: string,
  ) {}

  /** @see Submissions.submit */
  submit(submission: Submission): Promise<SubmittedJob> {
    return this.batches.submissions.submit(this.project, submission);
  }

  /** @see Submissions.submitted */
  submitted(repeated: Repeated): Promise<SubmittedJob | null> {
    return this.batches.submissions.submitted(this.project, repeated);
  }

  async find(id: string): Promise<Job | null> {
    return (await this.findVersioned(id))?.job ?? null;
  }

  findVersioned(id: string): Promise<VersionedJob | null> {
    return this.batches.lookUps.find({ project: this.project, id });
  }

  version(id: string): Promise<JobVersion | null> {
    return this.batches.lookUps.version({ project: this.project, id });
  }

  /** Newest first. */
  async list(query: ListJobsQuery): Promise<Page<Job>> {
    checkStorable(query);
    const rows = await this.postgres.query(jobRowSchema, listStatement(this.project, query));
    const page = toPage(rows, query.limit, query.sort, (row) => ({ value: sortValueOf(row), id: row.id }));
    return { data: page.data.map(toJob), nextCursor: page.nextCursor };
  }

  /** By name. */
  experiments(query: ExperimentsQuery): Promise<Page<Experiment>> {
    return listExperiments(this.postgres, this.project, query);
  }

  async pause(id: string): Promise<Job> {
    return (await this.control(id, 'pause')).job;
  }

  async resume(id: string): Promise<Job> {
    return (await this.control(id, 'resume')).job;
  }

  async cancel(id: string): Promise<Job> {
    return (await this.control(id, 'cancel')).job;
  }

  async retry(id: string): Promise<Job> {
    return (await this.control(id, 'retry')).job;
  }

  /**
   * Gives a command to a job.
   * @returns the job, and whether the command changed it: a repeated one does not.
   * @throws NotFoundError, or ConflictError if the job's state refuses the command.
   */
  async control(id: string, name: CommandName): Promise<ControlledJob> {
    const changed = await control(this.postgres, { project: this.project, id }, commands[name]);
    const job = await this.find(id);
    if (!job) throw new NotFoundError(`job ${id}`);
    return { job, changed };
  }

  /** The job, where the command has nothing (more) to do; otherwise null. */
  async controlled(id: string, name: CommandName): Promise<ControlledJob | null> {
    const job = await this.find(id);
    return job && commands[name].done.includes(job.state) ? { job, changed: false } : null;
  }

  /** @see editJob */
  edit(id: string, patch: JobPatch, accepts: (version: string) => boolean = () => true): Promise<boolean> {
    return editJob(this.postgres, { project: this.project, id }, patch, accepts);
  }

  /** @see changeAll */
  changeAll(body: BulkBody, options?: BulkOptions): Promise<BulkResult> {
    return changeAll(this.postgres, this.project, body, options);
  }

  /** @see reportReplay */
  replayReport(id: string): Promise<ReplayReport> {
    return reportReplay(this.postgres, this.project, id);
  }

  /** @see deleteJob */
  delete(id: string): Promise<void> {
    return deleteJob(this.postgres, this.project, id);
  }
}

/** What every job has, with an index. */
const required: Record<string, Column> = { created: { type: 'date', sql: sql`jobs.created_at` } };

/** Selects the jobs of a page and one more, which shows whether another page follows. */
export function listStatement(project: string, query: ListJobsQuery): Sql {
  const conditions = [sql`jobs.project = ${project}`];
  if (query.state?.length === 1) conditions.push(sql`state = ${query.state[0]}::job_state`);
  else if (query.state?.length) conditions.push(sql`state = ANY(${query.state}::job_state[])`);
  if (query.experiment !== undefined) conditions.push(sql`jobs.experiment = ${query.experiment}`);
  if (query.architecture !== undefined) conditions.push(sql`jobs.architecture = ${query.architecture}`);
  if (query.filter !== undefined) conditions.push(...conditionsOf(query.filter));
  const order = orderOf(query.sort, required);
  const id = sql`jobs.id`;
  if (query.cursor !== undefined) conditions.push(order.after(query.cursor, id));
  const which = selectJobs(join(conditions, ' AND '), order.keys);
  return sql`${which} ORDER BY ${order.by('keys', id)} LIMIT ${query.limit + 1}::int`;
}
