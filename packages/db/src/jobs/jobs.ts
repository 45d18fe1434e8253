import { type Job, type ListJobsQuery, NotFoundError, type Page } from '@trainyard/contracts';
import { checkStorable } from '../postgres/checkStorable.js';
import { decodeCursor, toPage } from '../postgres/page.js';
import type { Postgres } from '../postgres/postgres.js';
import { join, type Sql, sql } from '../postgres/sql.js';
import { type Command, cancel, control, pause, resume, retry } from './control.js';
import { deleteJob } from './deletions.js';
import { jobRowSchema, toJob } from './jobRow.js';
import type { JobLookUps, JobVersion, VersionedJob } from './lookUps.js';
import { selectJobs } from './selectJobs.js';
import type { Submission, Submissions, SubmittedJob } from './submissions.js';

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
    const page = toPage(rows, query.limit, 'createdAt', ({ id, createdAt }) => ({ value: createdAt, id }));
    return { data: page.data.map(toJob), nextCursor: page.nextCursor };
  }

  pause(id: string): Promise<Job> {
    return this.#control(id, pause);
  }

  resume(id: string): Promise<Job> {
    return this.#control(id, resume);
  }

  cancel(id: string): Promise<Job> {
    return this.#control(id, cancel);
  }

  retry(id: string): Promise<Job> {
    return this.#control(id, retry);
  }

  /** @see deleteJob */
  delete(id: string): Promise<void> {
    return deleteJob(this.postgres, this.project, id);
  }

  async #control(id: string, command: Command): Promise<Job> {
    await control(this.postgres, { project: this.project, id }, command);
    const job = await this.find(id);
    if (!job) throw new NotFoundError(`job ${id}`);
    return job;
  }
}

/** Selects the jobs of a page and one more, which shows whether another page follows. */
export function listStatement(project: string, query: ListJobsQuery): Sql {
  const conditions = [sql`jobs.project = ${project}`];
  if (query.state?.length === 1) conditions.push(sql`state = ${query.state[0]}::job_state`);
  else if (query.state?.length) conditions.push(sql`state = ANY(${query.state}::job_state[])`);
  if (query.experiment !== undefined) conditions.push(sql`jobs.experiment = ${query.experiment}`);
  if (query.architecture !== undefined) conditions.push(sql`jobs.architecture = ${query.architecture}`);
  if (query.cursor !== undefined) {
    const { value, id } = decodeCursor('createdAt', query.cursor);
    conditions.push(sql`(created_at, jobs.id) < (${value}::timestamptz, ${id})`);
  }
  const which = join(conditions, ' AND ');
  return sql`${selectJobs(which)} ORDER BY created_at DESC, jobs.id DESC LIMIT ${query.limit + 1}::int`;
}
