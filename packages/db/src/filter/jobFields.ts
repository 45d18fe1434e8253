import { jobSpecSchema } from '@trainyard/contracts';
import type { Fields, FieldType } from '@trainyard/query';
import { isForeign } from '../foreign/foreignTables.js';
import { trainingCost, trainingCosts, trainingSeconds, trainingSecondsOfAll } from '../jobs/selectJobs.js';
import { type Sql, sql } from '../postgres/sql.js';

/*
 * What a filter may name, for statements over `jobs LEFT JOIN test_results`. Names from the user's text reach the
 * database as parameters alone.
 */

export interface Column {
  type: FieldType;
  sql: Sql;
  /** Rows of `job_id` and `value`, at most one a job: of many rows, a join with it takes less time than `sql`. */
  relation?: Sql;
}

const number = (column: Sql): Column => ({ type: 'number', sql: sql`${column}::float8` });
const text = (column: Sql): Column => ({ type: 'text', sql: column });
const date = (column: Sql): Column => ({ type: 'date', sql: column });
const duration = (column: Sql): Column => ({ type: 'duration', sql: column });

/** foreign: a run that was imported, in statements with `foreignTables`. */
export const jobKind = sql`(CASE WHEN ${isForeign} THEN 'foreign' WHEN jobs.source IS NULL THEN 'training'
  ELSE 'test' END)`;

const columns: Record<string, Column> = {
  id: text(sql`jobs.id`),
  kind: text(jobKind),
  source: text(sql`(jobs.source ->> 'jobId')`),
  name: text(sql`jobs.name`),
  experiment: text(sql`jobs.experiment`),
  notes: text(sql`jobs.notes`),
  tag: { type: 'list', sql: sql`jobs.tags` },
  state: text(sql`jobs.state::text`),
  architecture: text(sql`jobs.architecture`),
  dataset: text(sql`jobs.dataset`),
  datasetVersion: number(sql`jobs.dataset_version`),
  stopped: text(sql`jobs.stopped`),
  cost: { type: 'number', sql: trainingCost, relation: trainingCosts },
  replayOf: text(sql`jobs.replay_of`),
  failure: text(sql`jobs.failure_code`),
  parameters: number(sql`jobs.parameters`),
  priority: number(sql`jobs.priority`),
  attempt: number(sql`jobs.attempt`),
  created: date(sql`jobs.created_at`),
  started: date(sql`jobs.started_at`),
  finished: date(sql`jobs.finished_at`),
  duration: { ...duration(trainingSeconds), relation: trainingSecondsOfAll },
  queueSeconds: duration(sql`extract(epoch FROM jobs.started_at - jobs.created_at)::float8`),
  'test.accuracy': number(sql`test_results.accuracy`),
  'test.top5Accuracy': number(sql`test_results.top5_accuracy`),
  'test.macroF1': number(sql`test_results.macro_f1`),
  'test.accuracyAugmented': number(sql`test_results.accuracy_augmented`),
  'test.loss': number(sql`test_results.loss`),
  'test.correct': number(sql`test_results.correct`),
  'test.total': number(sql`test_results.total`),
  'last.epoch': number(sql`test_results.last_epoch`),
  'last.accuracy': number(sql`test_results.last_accuracy`),
  'last.loss': number(sql`test_results.last_loss`),
  'test.partial': { type: 'any', sql: sql`to_jsonb(test_results.partial)` },
  'best.epoch': number(sql`jobs.best_epoch`),
  'validation.loss': number(sql`jobs.best_validation_loss`),
  'validation.accuracy': number(sql`jobs.best_validation_accuracy`),
  'train.loss': number(sql`jobs.best_train_loss`),
  'train.accuracy': number(sql`jobs.best_train_accuracy`),
};

/** Of one class, by its name. */
const classColumns: Record<string, Sql> = {
  recall: sql`recall`,
  precision: sql`precision`,
  f1: sql`f1`,
};

/** Of a row of `class_results`, so that its index of names serves, which has no longer names. */
const hasName = (name: string): Sql =>
  Buffer.byteLength(name) <= 500
    ? sql`class_results.name = ${name} AND octet_length(class_results.name) <= 500`
    : sql`class_results.name = ${name}`;

const ofClass = (column: Sql, name: string): Column => ({
  type: 'number',
  sql: sql`(SELECT ${column} FROM class_results
    WHERE class_results.job_id = jobs.id AND ${hasName(name)})::float8`,
  relation: sql`SELECT job_id, ${column}::float8 AS value FROM class_results WHERE ${hasName(name)}`,
});

/** How many test images of the class `actual` were taken for one of `predicted`; 0 is not stored. */
const ofConfusion = (actual: string, predicted: string): Column => ({
  type: 'number',
  sql: sql`(SELECT coalesce((
      SELECT count FROM confusion_counts WHERE confusion_counts.job_id = jobs.id
        AND actual = row.class_index AND predicted = "column".class_index), 0)::float8
    FROM class_results AS row, class_results AS "column"
    WHERE row.job_id = jobs.id AND row.name = ${actual}
      AND "column".job_id = jobs.id AND "column".name = ${predicted})`,
  relation: sql`SELECT job_id, coalesce(count, 0)::float8 AS value
    FROM (SELECT job_id, class_index AS actual FROM class_results WHERE ${hasName(actual)}) AS row
    JOIN (SELECT job_id, class_index AS predicted FROM class_results WHERE ${hasName(predicted)}) AS "column"
      USING (job_id)
    LEFT JOIN confusion_counts USING (job_id, actual, predicted)`,
});

/** The last value of a metric of a foreign run. */
const ofForeign = (key: string): Column => ({
  type: 'number',
  sql: sql`(SELECT values[cardinality(values)] FROM foreign_metrics WHERE run_id = jobs.id AND key = ${key})`,
  relation: sql`SELECT run_id AS job_id, values[cardinality(values)] AS value FROM foreign_metrics WHERE key = ${key}`,
});

/** The value at a path of the stored spec, as JSON. */
const ofSpec = (path: string[]): Column => ({ type: 'any', sql: sql`(jobs.spec #> ${path}::text[])` });

const specKeys = Object.keys(jobSpecSchema.shape);

/** Null: there is no such field. */
export function columnOf(path: string[]): Column | null {
  const name = path.join('.');
  // A quoted part may have dots of its own.
  const known = path.every((part) => !part.includes('.')) && Object.hasOwn(columns, name) ? columns[name] : undefined;
  if (known) return known;
  const [first = '', second = '', third = ''] = path;
  const classColumn = Object.hasOwn(classColumns, first) ? classColumns[first] : undefined;
  if (classColumn && path.length === 2) return ofClass(classColumn, second);
  if (first === 'metric' && path.length === 2) return ofForeign(second);
  if (first === 'confusion' && path.length === 3) return ofConfusion(second, third);
  if (first === 'spec' && path.length > 1) return ofSpec(path.slice(1));
  return specKeys.includes(first) ? ofSpec(path) : null;
}

/** The fields that a filter of jobs or of their results may name. */
export const jobFields: Fields = {
  typeOf: (path) => columnOf(path)?.type ?? null,
  names: [
    ...Object.keys(columns),
    ...specKeys.filter((key) => !Object.hasOwn(columns, key)),
    ...Object.keys(classColumns).map((name) => `${name}.<class>`),
    'confusion.<class>.<class>',
    'metric.<name>',
    'spec.<field>',
  ],
};
