import type { Job, JobState } from '@trainyard/contracts';
import { Batcher } from '../postgres/batcher.js';
import { type ReadRows, type Sql, sql } from '../postgres/client.js';
import { type JobRow, toJob } from './rows.js';
import { head, select, version } from './selectJobs.js';

/** A job, and the version of all that is told of it: as long as that is the same, so is the job. */
export type VersionedJob = { job: Job; version: string };
export type JobVersion = { version: string; state: JobState };

/** A job as the keys of a project may ask for it; a job of another project is as one that does not exist. */
export type JobRef = { project: string; id: string };

/** The rows of `jobs` that are asked for. */
const asked = (refs: JobRef[]): Sql => sql`(jobs.id, jobs.project) IN (
  SELECT * FROM unnest(${refs.map(({ id }) => id)}::text[], ${refs.map(({ project }) => project)}::text[]))`;

const findEach = async (read: ReadRows, refs: JobRef[]): Promise<(VersionedJob | null)[]> => {
  const rows = await read<JobRow & { project: string }>(sql`-- name: find_jobs
    ${select(asked(refs))}`);
  const found = new Map(rows.map((row) => [keyOf(row), { job: toJob(row), version: row.version }]));
  return refs.map((ref) => found.get(keyOf(ref)) ?? null);
};

const versionEach = async (read: ReadRows, refs: JobRef[]): Promise<(JobVersion | null)[]> => {
  const rows = await read<JobRef & { state: JobState; version: string }>(sql`-- name: job_versions
    ${head} SELECT id, project, state::text, ${version} AS version FROM jobs WHERE ${asked(refs)}`);
  const found = new Map(rows.map((row) => [keyOf(row), { version: row.version, state: row.state }]));
  return refs.map((ref) => found.get(keyOf(ref)) ?? null);
};

const keyOf = ({ project, id }: JobRef): string => `${project}/${id}`;

/** Looks jobs up by their ids; those that are asked for at the same time by one statement. */
export class JobLookUps {
  readonly #jobs: Batcher<JobRef, VersionedJob | null>;
  readonly #versions: Batcher<JobRef, JobVersion | null>;

  constructor(read: ReadRows) {
    this.#jobs = new Batcher((refs) => findEach(read, refs), { size: 100, lanes: 2 });
    this.#versions = new Batcher((refs) => versionEach(read, refs), { size: 500, lanes: 2 });
  }

  find(ref: JobRef): Promise<VersionedJob | null> {
    return this.#jobs.call(ref);
  }

  /** Tells whether a job has changed for a small part of what it costs to read it. */
  version(ref: JobRef): Promise<JobVersion | null> {
    return this.#versions.call(ref);
  }
}
