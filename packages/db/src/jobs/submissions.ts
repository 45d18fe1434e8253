import { type Job, type JobSource, type JobSpec, type LoadedWeights, TrainyardError } from '@trainyard/contracts';
import { z } from 'zod';
import { Batcher } from '../postgres/batcher.js';
import { checkStorable } from '../postgres/checkStorable.js';
import { isUnavailable } from '../postgres/isUnavailable.js';
import { newId } from '../postgres/newId.js';
import type { Postgres } from '../postgres/postgres.js';
import { json, sql } from '../postgres/sql.js';
import { jobRowSchema, kindOf, toJob } from './jobRow.js';
import { datasetLocks } from './jobsUsing.js';
import { queueHead } from './queueOrder.js';
import { queuePosition, selectJobs } from './selectJobs.js';

export type Submission = {
  /** The id that the job gets; absent: a new one. */
  id?: string;
  /** Complete: every default filled in, the seed drawn. */
  spec: JobSpec;
  /** Preset name, or `custom`. */
  architecture: string;
  /** Number of trainable and fixed weights. */
  parameters: number;
  /** Of the dataset that the spec was checked with. */
  datasetDigest: string;
  /** The job whose spec it trains again. */
  replayOf?: string;
  /** The checkpoint that it tests; absent: it trains. */
  source?: JobSource;
  /** What its weights start from; absent: from the seed. */
  initialWeights?: LoadedWeights;
  /** The key that submits; null where there are no keys. */
  apiKeyId: string | null;
  /** Of the request that submits; every process logs it with the job. */
  requestId?: string;
  /** The caller's Idempotency-Key, and a digest of the request's body. */
  idempotency: { key: string; bodyHash: string } | null;
};

/** What says whether an earlier request was the same. */
export type Repeated = Pick<Submission, 'apiKeyId' | 'idempotency'>;

export type SubmittedJob = {
  job: Job;
  /** false: an earlier request with the same idempotency key created the job. */
  created: boolean;
};

/** A submission to a project, with the id that its job gets. */
type Numbered = Submission & { id: string; project: string };

const storedSchema = z.object({
  id: z.string(),
  createdAt: z.date(),
});
type Stored = z.output<typeof storedSchema>;

/**
 * Inserts jobs, each with its `submitted` event and the outbox row of its first attempt: all or none, in one statement.
 *
 * @returns the stored jobs, without those whose idempotency key exists already.
 */
function insert(postgres: Postgres, submissions: Numbered[]): Promise<Stored[]> {
  return postgres.query(
    storedSchema,
    sql`-- name: submit_jobs
    WITH given AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${json(submissions.map(columnsOf))}) AS given(
        id text, project text, name text, experiment text, tags text[], notes text, priority int, architecture text,
        parameters bigint, dataset text, dataset_version int, dataset_digest text, spec jsonb, max_attempts int,
        api_key_id text, idempotency_key text, idempotency_hash text,
        replay_of text, source jsonb, initial_weights jsonb, event_data jsonb)
    ), locks AS MATERIALIZED (
      -- Until the commit: a deletion of one of these datasets waits, and then sees the job.
      SELECT count(pg_advisory_xact_lock_shared(hashtextextended(${datasetLocks} || dataset, 0)))
      FROM (SELECT DISTINCT dataset FROM given ORDER BY dataset) AS names
    ), job AS (
      INSERT INTO jobs (id, project, name, experiment, tags, notes, priority, architecture, parameters, dataset,
        dataset_version, dataset_digest, spec, max_attempts, api_key_id, idempotency_key, idempotency_hash,
        replay_of, source, initial_weights)
      SELECT id, project, name, experiment, tags, notes, priority, architecture, parameters, dataset,
        dataset_version, dataset_digest, spec, max_attempts, api_key_id, idempotency_key, idempotency_hash,
        replay_of, source, initial_weights
      FROM given, locks
      -- Always in the same order, so that two statements with the same keys cannot deadlock.
      ORDER BY api_key_id, idempotency_key, id
      ON CONFLICT (coalesce(api_key_id, ''), idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
      RETURNING id, attempt, priority, created_at
    ), new_events AS (
      INSERT INTO events (job_id, sequence, type, at, attempt, data)
      SELECT id, 1, 'submitted', job.created_at, attempt, event_data FROM job JOIN given USING (id)
    ), new_outbox AS (
      INSERT INTO outbox (job_id, attempt, priority) SELECT id, attempt, priority FROM job
    )
    SELECT id, created_at AS "createdAt" FROM job`,
  );
}

const columnsOf = ({ id, project, spec, apiKeyId, requestId, idempotency, ...submission }: Numbered) => ({
  id,
  project,
  name: spec.name,
  experiment: spec.experiment,
  tags: spec.tags,
  notes: spec.notes,
  priority: spec.priority,
  architecture: submission.architecture,
  parameters: submission.parameters,
  dataset: spec.dataset.name,
  dataset_version: spec.dataset.version,
  dataset_digest: submission.datasetDigest,
  spec,
  max_attempts: spec.maxAttempts,
  api_key_id: apiKeyId,
  idempotency_key: idempotency?.key ?? null,
  idempotency_hash: idempotency?.bodyHash ?? null,
  replay_of: submission.replayOf ?? null,
  source: submission.source ?? null,
  initial_weights: submission.initialWeights ?? null,
  event_data: requestId ? { requestId } : {},
});

const positionSchema = z.object({ id: z.string(), position: z.int() });

/** The positions of those of the jobs that are still queued. */
async function positionsOf(postgres: Postgres, ids: string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await postgres.query(
    positionSchema,
    sql`-- name: queue_positions
    ${queueHead} SELECT id, ${queuePosition} AS position FROM jobs
    WHERE id = ANY(${ids}::text[]) AND state = 'queued'`,
  );
  return new Map(rows.map(({ id, position }) => [id, position]));
}

/** @returns for each submission its job, null if its idempotency key exists already, or the error that refused it. */
async function insertEach(postgres: Postgres, submissions: Numbered[]): Promise<(Job | null | Error)[]> {
  try {
    const stored = new Map((await insert(postgres, submissions)).map((row) => [row.id, row]));
    const positions = await positionsOf(postgres, [...stored.keys()]);
    return submissions.map((submission) => {
      const row = stored.get(submission.id);
      return row ? newJob(submission, row.createdAt, positions.get(row.id) ?? 0) : null;
    });
  } catch (error) {
    if (submissions.length === 1 || isUnavailable(error)) return submissions.map(() => error as Error);
    // One that cannot be stored must not fail the others that share its statement by chance.
    return (await Promise.all(submissions.map((submission) => insertEach(postgres, [submission])))).flat();
  }
}

function newJob(submission: Numbered, createdAt: Date, queuePosition: number): Job {
  const { id, spec, architecture, parameters, datasetDigest, source = null } = submission;
  return {
    id,
    kind: kindOf(source),
    state: 'queued',
    terminal: false,
    name: spec.name,
    experiment: spec.experiment,
    tags: spec.tags,
    notes: spec.notes,
    priority: spec.priority,
    architecture,
    parameters,
    dataset: spec.dataset.name,
    datasetVersion: spec.dataset.version,
    datasetDigest,
    spec,
    source,
    initialWeights: submission.initialWeights ?? null,
    replayOf: submission.replayOf ?? null,
    imported: null,
    createdAt: createdAt.toISOString(),
    startedAt: null,
    finishedAt: null,
    trainingSeconds: 0,
    cost: null,
    stopped: null,
    attempt: 1,
    maxAttempts: spec.maxAttempts,
    executor: null,
    progress: null,
    queuePosition,
    forecast: null,
    best: null,
    test: null,
    failure: null,
  };
}

/** The job that an API key submitted under this idempotency key, with the digest of that request's body. */
async function findByIdempotencyKey(
  postgres: Postgres,
  project: string,
  apiKeyId: string | null,
  key: string,
): Promise<{ job: Job; bodyHash: string | null } | null> {
  const which = sql`jobs.project = ${project} AND coalesce(api_key_id, '') = coalesce(${apiKeyId}, '')
    AND idempotency_key = ${key}`;
  const [row] = await postgres.query(jobRowSchema, selectJobs(which));
  return row ? { job: toJob(row), bodyHash: row.idempotencyHash } : null;
}

/** Stores submissions: one statement for all that arrive at the same time. Each call resolves after the commit. */
export class Submissions {
  readonly #batches: Batcher<Numbered, Job | null>;

  constructor(private readonly postgres: Postgres) {
    this.#batches = new Batcher((batch) => insertEach(postgres, batch), { size: 100, lanes: 2 });
  }

  /**
   * Stores a job, its `submitted` event and the outbox row of its first attempt. The same idempotency key with the same
   * body returns the job of the first request.
   *
   * @throws TrainyardError `idempotency_key_reused` if an earlier request used the key with another body.
   */
  async submit(project: string, submission: Submission): Promise<SubmittedJob> {
    const { spec, idempotency } = submission;
    checkStorable({ ...spec, idempotencyKey: idempotency?.key });
    const job = await this.#batches.call({ ...submission, project, id: submission.id ?? newId('job') });
    if (job) return { job, created: true };
    const earlier = await this.submitted(project, submission);
    if (!earlier) throw new Error('a job without an idempotency key was not stored');
    return earlier;
  }

  /**
   * The job that an earlier request with the submission's idempotency key created; null where there is none.
   *
   * @throws TrainyardError `idempotency_key_reused` if that request had another body.
   */
  async submitted(project: string, { apiKeyId, idempotency }: Repeated): Promise<SubmittedJob | null> {
    if (!idempotency) return null;
    const known = await findByIdempotencyKey(this.postgres, project, apiKeyId, idempotency.key);
    if (!known) return null;
    if (known.bodyHash !== idempotency.bodyHash) {
      throw new TrainyardError('idempotency_key_reused', 'this Idempotency-Key came with another body before');
    }
    return { job: known.job, created: false };
  }
}
