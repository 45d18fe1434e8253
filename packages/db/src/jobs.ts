import {
  type Job,
  type JobSpec,
  type ListJobsQuery,
  NotFoundError,
  type Page,
  TrainyardError,
} from '@trainyard/contracts';
import { type Client, join, json, type Sql, sql } from './client.js';
import { type Change, cancel, change, pause, resume, retry } from './control.js';
import { decodeCursor, toPage } from './cursor.js';
import { newId } from './ids.js';
import { type JobRow, toJob } from './rows.js';
import { checkStorable } from './text.js';

export type Submission = {
  /** Complete: every default filled in, the seed drawn. */
  spec: JobSpec;
  /** Preset name, or `custom`. */
  architecture: string;
  /** Trainable and fixed weights. */
  parameters: number;
  /** The key that submits; null where there are no keys. */
  apiKeyId: string | null;
  /** The caller's Idempotency-Key, and a digest of the body that came with it. */
  idempotency: { key: string; bodyHash: string } | null;
};

/** What the queue is to deliver. Higher priorities run sooner. */
export type Delivery = { jobId: string; attempt: number; priority: number };

/**
 * Positions in the queue are counted up to here; a job behind more of them is told this number. Every submission and
 * every look at a queued job counts, so counting must stay cheap however long the queue is.
 */
export const maxQueuePosition = 200;

/**
 * Stores a job, its `submitted` event and the outbox row for its first attempt: all or nothing, in one statement.
 * The same idempotency key with the same body gives the job that it gave before (`created: false`).
 *
 * @throws TrainyardError `idempotency_key_reused` if the key came with another body before.
 */
async function submit(
  client: Client,
  project: string,
  submission: Submission,
): Promise<{ job: Job; created: boolean }> {
  const { spec, architecture, parameters, apiKeyId, idempotency } = submission;
  checkStorable({ ...spec, idempotencyKey: idempotency?.key });
  const id = newId('job');
  const [created] = await client.$queryRaw<{ createdAt: Date; queuePosition: number }[]>`-- name: submit_job
    WITH job AS (
      INSERT INTO jobs (id, project, name, experiment, tags, notes, priority, architecture, parameters, dataset, dataset_version,
        spec, max_attempts, api_key_id, idempotency_key, idempotency_hash)
      VALUES (${id}, ${project}, ${spec.name}, ${spec.experiment}, ${spec.tags}::text[], ${spec.notes}, ${spec.priority}::int,
        ${architecture}, ${parameters}::bigint, ${spec.dataset.name}, ${spec.dataset.version}::int,
        ${json(spec)}, ${spec.maxAttempts}::int, ${apiKeyId}, ${idempotency?.key ?? null}, ${idempotency?.bodyHash ?? null})
      ON CONFLICT (coalesce(api_key_id, ''), idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
      RETURNING id, attempt, priority, created_at
    ), told AS (
      INSERT INTO events (job_id, sequence, type, at, attempt, data)
      SELECT id, 1, 'submitted', created_at, attempt, '{}' FROM job
    ), sent AS (
      INSERT INTO outbox (job_id, attempt, priority) SELECT id, attempt, priority FROM job
    )
    SELECT created_at AS "createdAt", (
      SELECT count(*)::int FROM (
        SELECT FROM jobs WHERE state = 'queued' AND priority >= ${spec.priority}::int LIMIT ${maxQueuePosition}::int
      ) AS ahead
    ) AS "queuePosition"
    FROM job`;
  if (created) return { job: newJob(id, submission, created), created: true };
  return {
    job: await findByIdempotencyKey(client, project, apiKeyId, idempotency as { key: string; bodyHash: string }),
    created: false,
  };
}

function newJob(id: string, submission: Submission, stored: { createdAt: Date; queuePosition: number }): Job {
  const { spec, architecture, parameters } = submission;
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
    ...{ createdAt: stored.createdAt.toISOString(), startedAt: null, finishedAt: null, trainingSeconds: 0 },
    ...{ attempt: 1, maxAttempts, executor: null, progress: null, queuePosition: stored.queuePosition },
    ...{ best: null, test: null, failure: null },
  };
}

async function findByIdempotencyKey(
  client: Client,
  project: string,
  apiKeyId: string | null,
  { key, bodyHash }: { key: string; bodyHash: string },
): Promise<Job> {
  const which = sql`jobs.project = ${project} AND coalesce(api_key_id, '') = coalesce(${apiKeyId}, '') AND idempotency_key = ${key}`;
  const [row] = await client.$queryRaw<JobRow[]>(select(which));
  if (row?.idempotencyHash !== bodyHash) {
    throw new TrainyardError('idempotency_key_reused', 'this Idempotency-Key came with another body before');
  }
  return toJob(row);
}

async function find(client: Client, project: string, id: string): Promise<Job | null> {
  const [row] = await client.$queryRaw<JobRow[]>(sql`-- name: find_job
    ${select(sql`jobs.id = ${id} AND jobs.project = ${project}`)}`);
  return row ? toJob(row) : null;
}

async function get(client: Client, project: string, id: string): Promise<Job> {
  const job = await find(client, project, id);
  if (job === null) throw new NotFoundError(`job ${id}`);
  return job;
}

/** Newest first. */
async function list(client: Client, project: string, query: ListJobsQuery): Promise<Page<Job>> {
  checkStorable(query);
  const rows = await client.$queryRaw<JobRow[]>(listStatement(project, query));
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

/** Wall-clock seconds of the attempts of a row of `jobs`, up to now for one that runs. */
export const trainingSeconds = sql`(
  SELECT coalesce(sum(greatest(0, extract(epoch FROM coalesce(attempts.finished_at, now()) - attempts.started_at))), 0)::float8
  FROM attempts WHERE attempts.job_id = jobs.id)`;

/** The rows of jobs with all that is told of them. The head of the queue is numbered only if a job in it is selected. */
const select = (which: Sql): Sql => sql`
  WITH head AS MATERIALIZED (
    SELECT id, row_number() OVER (ORDER BY priority DESC, created_at, id) - 1 AS position
    FROM jobs WHERE state = 'queued' ORDER BY priority DESC, created_at, id LIMIT ${maxQueuePosition}::int
  )
  SELECT jobs.id, state::text, name, jobs.experiment, tags, notes, priority, jobs.architecture, parameters, spec,
    attempt, max_attempts AS "maxAttempts", progress, best_epoch AS "bestEpoch",
    best_validation_loss AS "bestValidationLoss", best_validation_accuracy AS "bestValidationAccuracy",
    failure_code AS "failureCode", failure_message AS "failureMessage", idempotency_hash AS "idempotencyHash",
    created_at AS "createdAt", started_at AS "startedAt", jobs.finished_at AS "finishedAt",
    ${trainingSeconds} AS "trainingSeconds",
    (SELECT executor FROM attempts WHERE job_id = jobs.id ORDER BY number DESC LIMIT 1) AS executor,
    (CASE WHEN state = 'queued'
      THEN coalesce((SELECT position FROM head WHERE head.id = jobs.id), ${maxQueuePosition}) END)::int AS "queuePosition",
    loss AS "testLoss", accuracy AS "testAccuracy", correct AS "testCorrect", total AS "testTotal"
  FROM jobs LEFT JOIN test_results ON test_results.job_id = jobs.id
  WHERE ${which}`;

async function control(client: Client, project: string, id: string, wanted: Change): Promise<Job> {
  await change(client, project, id, wanted);
  return get(client, project, id);
}

export const jobs = (client: Client, project: string) => ({
  submit: (submission: Submission) => submit(client, project, submission),
  find: (id: string) => find(client, project, id),
  list: (query: ListJobsQuery) => list(client, project, query),
  pause: (id: string) => control(client, project, id, pause),
  resume: (id: string) => control(client, project, id, resume),
  cancel: (id: string) => control(client, project, id, cancel),
  retry: (id: string) => control(client, project, id, retry),
});
