import { type Job, type ListJobsQuery, NotFoundError, type Page } from '@trainyard/contracts';
import { type Client, join, type ReadRows, type Sql, sql } from '../postgres/client.js';
import { decodeCursor, toPage } from '../postgres/page.js';
import { checkStorable } from '../postgres/storable.js';
import { type Change, cancel, change, pause, resume, retry } from './control.js';
import { deleteRows } from './deletions.js';
import type { JobLookUps } from './lookUps.js';
import { type JobRow, toJob } from './rows.js';
import { select } from './selectJobs.js';
import type { Submission, Submissions } from './submissions.js';

/** Newest first. */
async function list(read: ReadRows, project: string, query: ListJobsQuery): Promise<Page<Job>> {
  checkStorable(query);
  const rows = await read<JobRow>(listStatement(project, query));
  const page = toPage(rows, query.limit, 'createdAt', ({ id, createdAt }) => ({ value: createdAt, id }));
  return { data: page.data.map(toJob), nextCursor: page.nextCursor };
}

/** The jobs of a page, and one more, so that it is known whether another page follows. */
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
  return sql`${select(join(conditions, ' AND '))} ORDER BY created_at DESC, jobs.id DESC LIMIT ${query.limit + 1}::int`;
}

/** Where jobs are stored and looked up; calls that come at the same time share statements. */
export type JobBatches = { submissions: Submissions; lookUps: JobLookUps; read: ReadRows };

export const jobs = (client: Client, { submissions, lookUps, read }: JobBatches, project: string) => {
  const control = async (id: string, wanted: Change): Promise<Job> => {
    await change(client, project, id, wanted);
    const found = await lookUps.find({ project, id });
    if (!found) throw new NotFoundError(`job ${id}`);
    return found.job;
  };
  return {
    submit: (submission: Submission) => submissions.submit(project, submission),
    find: async (id: string) => (await lookUps.find({ project, id }))?.job ?? null,
    findVersioned: (id: string) => lookUps.find({ project, id }),
    version: (id: string) => lookUps.version({ project, id }),
    list: (query: ListJobsQuery) => list(read, project, query),
    pause: (id: string) => control(id, pause),
    resume: (id: string) => control(id, resume),
    cancel: (id: string) => control(id, cancel),
    retry: (id: string) => control(id, retry),
    /** @see deletions.ts */
    delete: (id: string) => deleteRows(client, project, id),
  };
};
