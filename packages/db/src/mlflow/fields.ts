import { type JobState, jobSpecSchema } from '@trainyard/contracts';
import type { MlflowKind, MlflowPaths } from '@trainyard/query';
import type { Column } from '../filter/jobFields.js';
import { join, type Sql, sql } from '../postgres/sql.js';

/*
 * What MLflow's clients may name of a run, as columns of `jobs LEFT JOIN test_results`. Names from the user's text
 * reach the database as parameters alone.
 */

/** Metrics that have a value an epoch, with their columns of `epoch_metrics`. */
export const epochMetrics: Record<string, Sql> = {
  train_loss: sql`train_loss`,
  train_accuracy: sql`train_accuracy`,
  validation_loss: sql`validation_loss`,
  validation_accuracy: sql`validation_accuracy`,
  learning_rate: sql`learning_rate`,
  train_seconds: sql`train_seconds`,
  validation_seconds: sql`validation_seconds`,
  images_per_second: sql`images_per_second`,
};

/** Metrics that a job has once. */
export const onceMetrics: Record<string, Sql> = {
  best_epoch: sql`jobs.best_epoch`,
  best_validation_loss: sql`jobs.best_validation_loss`,
  best_validation_accuracy: sql`jobs.best_validation_accuracy`,
  test_loss: sql`test_results.loss`,
  test_accuracy: sql`test_results.accuracy`,
  test_accuracy_augmented: sql`test_results.accuracy_augmented`,
  test_top5_accuracy: sql`test_results.top5_accuracy`,
  test_macro_f1: sql`test_results.macro_f1`,
  training_seconds: sql`test_results.training_seconds`,
};

/** Metrics that a job has for each class of its dataset: `recall/cat`. */
export const classMetrics: Record<string, Sql> = {
  recall: sql`recall`,
  precision: sql`precision`,
  f1: sql`f1`,
};

/** In MLflow's words. */
export const statusOf: Record<JobState, string> = {
  queued: 'SCHEDULED',
  running: 'RUNNING',
  pausing: 'RUNNING',
  paused: 'SCHEDULED',
  cancelling: 'RUNNING',
  succeeded: 'FINISHED',
  failed: 'FAILED',
  cancelled: 'KILLED',
};
const statuses = Object.entries(statusOf).map(([state, status]) => sql`WHEN ${state}::text THEN ${status}::text`);

/** Where the artifacts of a run begin; its job's id follows. */
export const artifactRoot = 'mlflow-artifacts:/';

/** The name under which MLflow shows a run. */
export const runName = sql`coalesce(jobs.name, jobs.id)`;
/** One that waits has begun when it was submitted. */
export const runStart = sql`coalesce(jobs.started_at, jobs.created_at)`;

export const milliseconds = (time: Sql): Sql => sql`floor(1000 * extract(epoch FROM ${time}))::float8`;

/**
 * A number that stays the same for the name of an experiment, as MLflow's clients expect one: 48 bits of its SHA-256,
 * which every client can hold. Two of a thousand names are equal with a probability of 2e-9.
 */
export const experimentId = (name: Sql): Sql =>
  sql`(('x' || left(encode(sha256(convert_to(${name}, 'UTF8')), 'hex'), 12))::bit(48)::bigint::text)`;

const attributes: Record<string, Sql> = {
  run_id: sql`jobs.id`,
  run_name: runName,
  status: sql`(CASE jobs.state::text ${join(statuses, ' ')} END)`,
  artifact_uri: sql`(${artifactRoot}::text || jobs.id)`,
  start_time: milliseconds(runStart),
  end_time: milliseconds(sql`jobs.finished_at`),
};
const times = ['start_time', 'end_time'];

/** Tags of MLflow and our own; every other one is a tag of the job, with the value `true`. */
const tags: Record<string, Sql> = {
  'mlflow.runName': runName,
  'mlflow.note.content': sql`nullif(jobs.notes, '')`,
  'trainyard.state': sql`jobs.state::text`,
  'trainyard.failure': sql`jobs.failure_message`,
};

const datasets: Record<string, Sql> = {
  name: sql`jobs.dataset`,
  digest: sql`jobs.dataset_digest`,
  context: sql`'training'::text`,
};

/** Fields of the spec that are no parameters of the training: they are attributes, tags or notes. */
export const noParams = ['name', 'experiment', 'tags', 'notes', 'priority'];
const paramKeys = Object.keys(jobSpecSchema.shape).filter((key) => !noParams.includes(key));

/** A leaf of the spec by its dotted path, as text. */
function param(key: string): Sql | undefined {
  if (key === 'architecture') return sql`jobs.architecture`;
  if (key === 'parameters') return sql`jobs.parameters::text`;
  const path = key.split('.');
  if (!paramKeys.includes(path[0] ?? '') || path[0] === 'architecture') return undefined;
  return sql`(CASE WHEN jsonb_typeof(jobs.spec #> ${path}::text[]) <> 'object'
    THEN jobs.spec #>> ${path}::text[] END)`;
}

function metric(key: string): Sql | undefined {
  const ofEpochs = own(epochMetrics, key);
  if (ofEpochs) {
    // MLflow compares the last value.
    return sql`(SELECT ${ofEpochs} FROM epoch_metrics WHERE epoch_metrics.job_id = jobs.id
      ORDER BY epoch DESC LIMIT 1)`;
  }
  const [, name = '', label = ''] = /^([^/]+)\/(.+)$/s.exec(key) ?? [];
  const ofClass = own(classMetrics, name);
  if (!ofClass) return own(onceMetrics, key);
  return sql`(SELECT ${ofClass} FROM class_results
    WHERE class_results.job_id = jobs.id AND class_results.name = ${label})`;
}

const own = <T>(record: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

const find: Record<MlflowKind, (key: string) => Sql | undefined> = {
  metric,
  param,
  tag: (key) => own(tags, key) ?? sql`(CASE WHEN ${key}::text = ANY(jobs.tags) THEN 'true' END)`,
  attribute: (key) => own(attributes, key),
  dataset: (key) => own(datasets, key),
};

/** Of a path that is a kind and a key. */
export function runColumn([kind, key]: string[]): Column | null {
  const column = find[kind as MlflowKind](key ?? '');
  if (!column) return null;
  if (kind === 'metric') return { type: 'number', sql: sql`${column}::float8` };
  return { type: kind === 'attribute' && times.includes(key ?? '') ? 'number' : 'text', sql: column };
}

export const runPath: MlflowPaths = (kind, key) => (runColumn([kind, key]) ? [kind, key] : null);
