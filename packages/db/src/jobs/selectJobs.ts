import { type Sql, sql } from '../postgres/client.js';

/**
 * Positions in the queue are counted up to here; a job behind more of them is told this number. Every submission and
 * every look at a queued job counts, so counting must stay cheap however long the queue is.
 */
export const maxQueuePosition = 200;

/** Wall-clock seconds of the attempts of a row of `jobs`; of one that runs, up to its last heartbeat. */
export const trainingSeconds = sql`(
  SELECT coalesce(sum(greatest(0, extract(epoch FROM
    coalesce(attempts.finished_at, jobs.heartbeat_at, attempts.started_at) - attempts.started_at))), 0)::float8
  FROM attempts WHERE attempts.job_id = jobs.id)`;

/** Numbers the head of the queue; only done if a job that waits is selected. */
export const head = sql`
  WITH head AS MATERIALIZED (
    SELECT id, row_number() OVER (ORDER BY priority DESC, created_at, id) - 1 AS position
    FROM jobs WHERE state = 'queued' ORDER BY priority DESC, created_at, id LIMIT ${maxQueuePosition}::int
  )`;

const queuePosition = sql`(CASE WHEN state = 'queued'
  THEN coalesce((SELECT position FROM head WHERE head.id = jobs.id), ${maxQueuePosition}) END)::int`;

/**
 * What is told of a job stands in its row, but for its place in the queue, and for what is written together with its row (its
 * attempts, its test). `xmin` is the transaction that wrote the row; with the number of events, as its numbers are used again
 * after four billion.
 */
export const version = sql`concat_ws('-', jobs.xmin, event_count, ${queuePosition})`;

/** The rows of jobs with all that is told of them. */
export const select = (which: Sql): Sql => sql`
  ${head}
  SELECT jobs.id, jobs.project, state::text, name, jobs.experiment, tags, notes, priority, jobs.architecture, parameters, spec,
    attempt, max_attempts AS "maxAttempts", progress, best_epoch AS "bestEpoch",
    best_validation_loss AS "bestValidationLoss", best_validation_accuracy AS "bestValidationAccuracy",
    failure_code AS "failureCode", failure_message AS "failureMessage", idempotency_hash AS "idempotencyHash",
    created_at AS "createdAt", started_at AS "startedAt", jobs.finished_at AS "finishedAt",
    ${trainingSeconds} AS "trainingSeconds",
    (SELECT executor FROM attempts WHERE job_id = jobs.id ORDER BY number DESC LIMIT 1) AS executor,
    ${queuePosition} AS "queuePosition", ${version} AS version,
    loss AS "testLoss", accuracy AS "testAccuracy", correct AS "testCorrect", total AS "testTotal"
  FROM jobs LEFT JOIN test_results ON test_results.job_id = jobs.id
  WHERE ${which}`;
