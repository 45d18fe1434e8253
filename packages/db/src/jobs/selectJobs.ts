import { maxQueuePosition } from '@trainyard/contracts';
import { type Sql, sql } from '../postgres/sql.js';
import { queueHead } from './queueOrder.js';

/** Of a row of `attempts`; one that runs counts up to its job's newest heartbeat. */
const secondsUntil = (heartbeat: Sql): Sql => sql`greatest(0, extract(epoch FROM
  coalesce(attempts.finished_at, ${heartbeat}, attempts.started_at) - attempts.started_at))`;
const attemptSeconds = secondsUntil(sql`jobs.heartbeat_at`);

/** Wall-clock seconds of all attempts of a row of `jobs`. */
export const trainingSeconds = sql`(
  SELECT coalesce(sum(${attemptSeconds}), 0)::float8 FROM attempts WHERE attempts.job_id = jobs.id)`;

/** What they cost; null: the rate of none is known. */
export const trainingCost = sql`(
  SELECT sum(${attemptSeconds} * cost_per_hour / 3600)::float8 FROM attempts WHERE attempts.job_id = jobs.id)`;

/** The same of all jobs, as rows of `job_id` and `value`. */
const ofAll = (value: (seconds: Sql) => Sql): Sql => sql`SELECT job_id,
  ${value(secondsUntil(sql`(SELECT heartbeat_at FROM jobs WHERE jobs.id = attempts.job_id)`))}::float8 AS value
  FROM attempts GROUP BY job_id`;
export const trainingSecondsOfAll = ofAll((seconds) => sql`sum(${seconds})`);
export const trainingCosts = ofAll((seconds) => sql`sum(${seconds} * cost_per_hour / 3600)`);

/** Of a row of `jobs`, in a statement that begins with `queueHead`. */
export const queuePosition = sql`(CASE WHEN state = 'queued'
  THEN coalesce((SELECT position FROM head WHERE head.id = jobs.id), ${maxQueuePosition}) END)::int`;

/**
 * Changes with everything that the API shows of a job. All of that is in the job's row, or is written in the same
 * transaction as the row (its attempts, its test), except its position in the queue. `xmin` is the transaction that
 * wrote the row; the number of events is added because transaction ids are reused after four billion.
 */
export const version = sql`concat_ws('-', jobs.xmin, event_count, ${queuePosition})`;

/** Selects rows of `jobRowSchema`. @param keys of the order of a list, for the cursor */
export const selectJobs = (which: Sql, keys: Sql = sql`NULL AS key0`): Sql => sql`
  ${queueHead}
  SELECT jobs.id, jobs.project, state::text, name, jobs.experiment, tags, notes, priority, jobs.architecture,
    parameters, jobs.dataset, jobs.dataset_version AS "datasetVersion", dataset_digest AS "datasetDigest", spec,
    source, initial_weights AS "initialWeights", replay_of AS "replayOf", forecast, imported,
    attempt, max_attempts AS "maxAttempts", progress, best_epoch AS "bestEpoch",
    best_validation_loss AS "bestValidationLoss", best_validation_accuracy AS "bestValidationAccuracy",
    failure_code AS "failureCode", failure_message AS "failureMessage", idempotency_hash AS "idempotencyHash",
    created_at AS "createdAt", started_at AS "startedAt", jobs.finished_at AS "finishedAt",
    ${trainingSeconds} AS "trainingSeconds", ${trainingCost} AS cost, stopped,
    (SELECT executor FROM attempts WHERE job_id = jobs.id ORDER BY number DESC LIMIT 1) AS executor,
    ${queuePosition} AS "queuePosition", ${version} AS version,
    (SELECT max(epoch) FROM epoch_metrics WHERE epoch_metrics.job_id = jobs.id) AS "lastEpoch",
    loss AS "testLoss", accuracy AS "testAccuracy",
    accuracy_augmented AS "testAccuracyAugmented", correct AS "testCorrect", total AS "testTotal",
    partial AS "testPartial", ${keys}
  FROM jobs LEFT JOIN test_results ON test_results.job_id = jobs.id
  WHERE ${which}`;
