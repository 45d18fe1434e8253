import { type Job, type JobState, jobStateSchema } from '@trainyard/contracts';
import { z } from 'zod';
import { Batcher } from '../postgres/batcher.js';
import type { Postgres } from '../postgres/postgres.js';
import { type Sql, sql } from '../postgres/sql.js';
import type { JobRef } from './control.js';
import { jobRowSchema, toJob } from './jobRow.js';
import { queueHead } from './queueOrder.js';
import { selectJobs, version } from './selectJobs.js';

/** A job, and the version of everything that the API shows of it: while the version is the same, so is the job. */
export type VersionedJob = { job: Job; version: string };
export type JobVersion = { version: string; state: JobState };

/** The rows of `jobs` that the references name. */
const referenced = (refs: JobRef[]): Sql => sql`(jobs.id, jobs.project) IN (
  SELECT * FROM unnest(${refs.map(({ id }) => id)}::text[], ${refs.map(({ project }) => project)}::text[]))`;

async function findEach(postgres: Postgres, refs: JobRef[]): Promise<(VersionedJob | null)[]> {
  const rows = await postgres.query(
    jobRowSchema,
    sql`-- name: find_jobs
    ${selectJobs(referenced(refs))}`,
  );
  const found = new Map(rows.map((row) => [keyOf(row), { job: toJob(row), version: row.version }]));
  return refs.map((ref) => found.get(keyOf(ref)) ?? null);
}

const versionRowSchema = z.object({
  id: z.string(),
  project: z.string(),
  state: jobStateSchema,
  version: z.string(),
});

async function versionEach(postgres: Postgres, refs: JobRef[]): Promise<(JobVersion | null)[]> {
  const rows = await postgres.query(
    versionRowSchema,
    sql`-- name: job_versions
    ${queueHead} SELECT id, project, state::text, ${version} AS version FROM jobs WHERE ${referenced(refs)}`,
  );
  const found = new Map(rows.map((row) => [keyOf(row), { version: row.version, state: row.state }]));
  return refs.map((ref) => found.get(keyOf(ref)) ?? null);
}

const keyOf = ({ project, id }: JobRef): string => `${project}/${id}`;

/** Looks jobs up by their ids; calls at the same time share a statement. */
export class JobLookUps {
  readonly #jobs: Batcher<JobRef, VersionedJob | null>;
  readonly #versions: Batcher<JobRef, JobVersion | null>;

  constructor(postgres: Postgres) {
    this.#jobs = new Batcher((refs) => findEach(postgres, refs), { size: 100, lanes: 2 });
    this.#versions = new Batcher((refs) => versionEach(postgres, refs), { size: 500, lanes: 2 });
  }

  /** null for a job that does not exist, or that belongs to another project. */
  find(ref: JobRef): Promise<VersionedJob | null> {
    return this.#jobs.call(ref);
  }

  /** Shows whether a job has changed, for a small part of what it costs to read the job. */
  version(ref: JobRef): Promise<JobVersion | null> {
    return this.#versions.call(ref);
  }
}
