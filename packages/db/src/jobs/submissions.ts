import { type Job, type JobSpec, TrainyardError } from '@trainyard/contracts';
import { Batcher } from '../postgres/batcher.js';
import { json, type ReadRows, sql } from '../postgres/client.js';
import { newId } from '../postgres/ids.js';
import { checkStorable } from '../postgres/storable.js';
import { isUnavailable } from '../postgres/unavailable.js';
import { type JobRow, toJob } from './rows.js';
import { maxQueuePosition, select } from './selectJobs.js';

export type Submission = {
  /** Complete: every default filled in, the seed drawn. */
  spec: JobSpec;
  /** Preset name, or `custom`. */
  architecture: string;
  /** Trainable and fixed weights. */
  parameters: number;
  /** The key that submits; null where there are no keys. */
  apiKeyId: string | null;
  /** Of the request that submits: every line that any process logs of the job carries it. */
  requestId?: string;
  /** The caller's Idempotency-Key, and a digest of the body that came with it. */
  idempotency: { key: string; bodyHash: string } | null;
};

/** A submission to a project, under the id that its job gets. */
type Numbered = Submission & { id: string; project: string };

type Stored = { id: string; createdAt: Date; ahead: number };

/**
 * Stores jobs, each with its `submitted` event and the outbox row for its first attempt: all or nothing, in one statement.
 *
 * @returns what was stored, without those whose idempotency key is known already.
 */
function insert(read: ReadRows, submissions: Numbered[]): Promise<Stored[]> {
  return read<Stored>(sql`-- name: submit_jobs
    WITH given AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${json(submissions.map(columnsOf))}) AS given(
        id text, project text, name text, experiment text, tags text[], notes text, priority int, architecture text, parameters bigint,
        dataset text, dataset_version int, spec jsonb, max_attempts int, api_key_id text, idempotency_key text,
        idempotency_hash text, told jsonb)
    ), ahead AS MATERIALIZED (
      SELECT priority, (
        SELECT count(*)::int FROM (
          SELECT FROM jobs WHERE state = 'queued' AND priority >= levels.priority LIMIT ${maxQueuePosition}::int
        ) AS before
      ) AS count
      FROM (SELECT DISTINCT priority FROM given) AS levels
    ), job AS (
      INSERT INTO jobs (id, project, name, experiment, tags, notes, priority, architecture, parameters, dataset,
        dataset_version, spec, max_attempts, api_key_id, idempotency_key, idempotency_hash)
      SELECT id, project, name, experiment, tags, notes, priority, architecture, parameters, dataset,
        dataset_version, spec, max_attempts, api_key_id, idempotency_key, idempotency_hash FROM given
      -- Always in the same order, so that two statements with the same keys never wait for each other.
      ORDER BY api_key_id, idempotency_key, id
      ON CONFLICT (coalesce(api_key_id, ''), idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
      RETURNING id, attempt, priority, created_at
    ), told AS (
      INSERT INTO events (job_id, sequence, type, at, attempt, data)
      SELECT id, 1, 'submitted', job.created_at, attempt, told FROM job JOIN given USING (id)
    ), sent AS (
      INSERT INTO outbox (job_id, attempt, priority) SELECT id, attempt, priority FROM job
    )
    SELECT job.id, created_at AS "createdAt", ahead.count AS ahead FROM job JOIN ahead USING (priority)`);
}

const columnsOf = ({ id, project, spec, architecture, parameters, apiKeyId, requestId, idempotency }: Numbered) => ({
  ...{
    id,
    project,
    name: spec.name,
    experiment: spec.experiment,
    tags: spec.tags,
    notes: spec.notes,
    priority: spec.priority,
  },
  ...{ architecture, parameters, dataset: spec.dataset.name, dataset_version: spec.dataset.version, spec },
  ...{ max_attempts: spec.maxAttempts, api_key_id: apiKeyId, told: requestId ? { requestId } : {} },
  ...{ idempotency_key: idempotency?.key ?? null, idempotency_hash: idempotency?.bodyHash ?? null },
});

/** What each of the submissions became: its job, null where its idempotency key is known, or why it was not stored. */
async function insertEach(read: ReadRows, submissions: Numbered[]): Promise<(Job | null | Error)[]> {
  try {
    const stored = new Map((await insert(read, submissions)).map((row) => [row.id, row]));
    const before: number[] = [];
    return submissions.map((submission) => {
      const row = stored.get(submission.id);
      if (!row) return null;
      const { priority } = submission.spec;
      const ahead = row.ahead + before.filter((other) => other >= priority).length;
      before.push(priority);
      return newJob(submission, row.createdAt, Math.min(ahead, maxQueuePosition));
    });
  } catch (error) {
    if (submissions.length === 1 || isUnavailable(error)) return submissions.map(() => error as Error);
    // One that cannot be stored must not fail those that happened to come with it.
    return (await Promise.all(submissions.map((submission) => insertEach(read, [submission])))).flat();
  }
}

function newJob(submission: Numbered, createdAt: Date, queuePosition: number): Job {
  const { id, spec, architecture, parameters } = submission;
  const { name, experiment, tags, notes, priority, maxAttempts } = spec;
  return {
    ...{
      id,
      state: 'queued',
      terminal: false,
      name,
      experiment,
      tags,
      notes,
      priority,
      architecture,
      parameters,
      spec,
    },
    ...{ createdAt: createdAt.toISOString(), startedAt: null, finishedAt: null, trainingSeconds: 0 },
    ...{ attempt: 1, maxAttempts, executor: null, progress: null, queuePosition },
    ...{ best: null, test: null, failure: null },
  };
}

/** The job that an API key submitted under this idempotency key, with the digest of the body that came with it. */
async function findByIdempotencyKey(
  read: ReadRows,
  project: string,
  apiKeyId: string | null,
  key: string,
): Promise<{ job: Job; bodyHash: string | null } | null> {
  const which = sql`jobs.project = ${project} AND coalesce(api_key_id, '') = coalesce(${apiKeyId}, '') AND idempotency_key = ${key}`;
  const [row] = await read<JobRow>(select(which));
  return row ? { job: toJob(row), bodyHash: row.idempotencyHash } : null;
}

/** Takes submissions; those that come at the same time are stored by one statement, and each is answered after its commit. */
export class Submissions {
  readonly #batches: Batcher<Numbered, Job | null>;

  constructor(private readonly read: ReadRows) {
    this.#batches = new Batcher((batch) => insertEach(read, batch), { size: 100, lanes: 2 });
  }

  /**
   * Stores a job, its `submitted` event and the outbox row for its first attempt. The same idempotency key with the same
   * body gives the job that it gave before (`created: false`).
   *
   * @throws TrainyardError `idempotency_key_reused` if the key came with another body before.
   */
  async submit(project: string, submission: Submission): Promise<{ job: Job; created: boolean }> {
    const { spec, apiKeyId, idempotency } = submission;
    checkStorable({ ...spec, idempotencyKey: idempotency?.key });
    const job = await this.#batches.call({ ...submission, project, id: newId('job') });
    if (job) return { job, created: true };
    if (!idempotency) throw new Error('a job without an idempotency key was not stored');
    const known = await findByIdempotencyKey(this.read, project, apiKeyId, idempotency.key);
    if (known?.bodyHash !== idempotency.bodyHash) {
      throw new TrainyardError('idempotency_key_reused', 'this Idempotency-Key came with another body before');
    }
    return { job: known.job, created: false };
  }
}
