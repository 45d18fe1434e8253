import { type JobSource, type JobSpec, type LoadedWeights, maxQueuePosition } from '@trainyard/contracts';
import { z } from 'zod';
import type { ForecastAt, StoredForecast } from '../forecasts/forecasts.js';
import type { Postgres } from '../postgres/postgres.js';
import { json, sql } from '../postgres/sql.js';
import { datasetLocks } from './jobsUsing.js';
import { headOfQueue } from './queueOrder.js';

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

/** A submission to a project, with the id that its job gets. */
export type Numbered = Submission & { id: string; project: string; forecastAt: ForecastAt | null };

/** The same with what its job will have as well. */
export type Placed = Numbered & { position: number; forecast: StoredForecast | null };

const positionSchema = z.object({ id: z.string(), position: z.int() });

/** The submissions with the positions that their jobs will have in the queue, and their forecasts. */
export async function placed(postgres: Postgres, submissions: Numbered[]): Promise<Placed[]> {
  const given = submissions.map(({ id, project, spec }) => ({ id, project, priority: spec.priority }));
  const coming = sql`SELECT project, id, 1 AS attempt, priority, now() AS created_at
    FROM jsonb_to_recordset(${json(given)}) AS given(id text, project text, priority int)`;
  const rows = await postgres.query(
    positionSchema,
    sql`-- name: coming_positions
    ${headOfQueue(maxQueuePosition, coming)} SELECT id, position::int FROM head JOIN coming USING (id)`,
  );
  const positions = new Map(rows.map(({ id, position }) => [id, position]));
  return submissions.map((submission) => {
    const position = positions.get(submission.id) ?? maxQueuePosition;
    return { ...submission, position, forecast: submission.forecastAt?.(position) ?? null };
  });
}

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
export function insertJobs(postgres: Postgres, submissions: Placed[]): Promise<Stored[]> {
  return postgres.query(
    storedSchema,
    sql`-- name: submit_jobs
    WITH given AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${json(submissions.map(columnsOf))}) AS given(
        id text, project text, name text, experiment text, tags text[], notes text, priority int, architecture text,
        parameters bigint, dataset text, dataset_version int, dataset_digest text, spec jsonb, max_attempts int,
        api_key_id text, idempotency_key text, idempotency_hash text,
        replay_of text, source jsonb, initial_weights jsonb, forecast jsonb, event_data jsonb)
    ), locks AS MATERIALIZED (
      -- Until the commit: a deletion of one of these datasets waits, and then sees the job.
      SELECT count(pg_advisory_xact_lock_shared(hashtextextended(${datasetLocks} || dataset, 0)))
      FROM (SELECT DISTINCT dataset FROM given ORDER BY dataset) AS names
    ), job AS (
      INSERT INTO jobs (id, project, name, experiment, tags, notes, priority, architecture, parameters, dataset,
        dataset_version, dataset_digest, spec, max_attempts, api_key_id, idempotency_key, idempotency_hash,
        replay_of, source, initial_weights, forecast)
      SELECT id, project, name, experiment, tags, notes, priority, architecture, parameters, dataset,
        dataset_version, dataset_digest, spec, max_attempts, api_key_id, idempotency_key, idempotency_hash,
        replay_of, source, initial_weights, forecast
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

const columnsOf = ({ id, project, spec, apiKeyId, requestId, idempotency, ...submission }: Placed) => ({
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
  forecast: submission.forecast,
  event_data: requestId ? { requestId } : {},
});
