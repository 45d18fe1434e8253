import { join, type Sql, sql } from '../postgres/sql.js';

/** Whether a row of `jobs` is a foreign run. */
export const isForeign = sql`starts_with(jobs.id, 'run_')`;

/** A statement with the tables that it names in WITH; without any, as it is. */
export const withTables = (tables: readonly Sql[], statement: Sql): Sql =>
  tables.length === 0 ? statement : sql`WITH ${join([...tables])} ${statement}`;

/**
 * Tables for WITH that let a statement over `jobs`, `attempts` and `test_results` read the foreign runs of a project
 * too: within it, these names mean tables that have rows for them. What jobs alone have is NULL there. Their `spec` has
 * what is known of one, and all params below `params`. None where foreign runs are not asked for: the statement stays
 * as it is, with all indexes.
 */
export const foreignTables = (project: string, { foreign }: { foreign: boolean }): Sql[] =>
  foreign
    ? [
        sql`runs AS NOT MATERIALIZED (SELECT * FROM foreign_runs WHERE project = ${project})`,
        sql`jobs AS NOT MATERIALIZED (${jobs})`,
        sql`attempts AS NOT MATERIALIZED (${attempts})`,
        sql`test_results AS NOT MATERIALIZED (${tests})`,
      ]
    : [];

const text = (name: string): Sql => sql`figures ->> ${name}::text`;
const number = (name: string): Sql => sql`(figures ->> ${name}::text)::float8`;

/** Those that are numbers as numbers, so that a filter can compare them. */
const params = sql`(SELECT jsonb_object_agg(key, CASE WHEN value ~ '^-?\\d{1,15}(\\.\\d{1,15})?([eE][+-]?\\d{1,2})?$'
  THEN to_jsonb(value::numeric) ELSE to_jsonb(value) END) FROM jsonb_each_text(params))`;

const spec = sql`jsonb_strip_nulls(jsonb_build_object('learningRate', figures -> 'learningRate',
  'batchSize', figures -> 'batchSize', 'epochs', figures -> 'epochs', 'params', ${params},
  'optimizer', jsonb_build_object('type', figures -> 'optimizer'),
  'dataset', jsonb_build_object('name', figures -> 'dataset')))`;

/** A tag that is set is its key, as a job's; another `key=value`. MLflow's own are no tags of users. */
const tags = sql`ARRAY(SELECT CASE WHEN value IN ('', 'true') THEN key ELSE key || '=' || value END
  FROM jsonb_each_text(tags) WHERE NOT starts_with(key, 'mlflow.') ORDER BY key)`;

const jobs = sql`
  SELECT id, project, source, name, experiment, notes, tags, state::text, architecture, dataset, dataset_version,
    stopped, replay_of, failure_code, parameters, priority, attempt, created_at, started_at, finished_at,
    heartbeat_at, best_epoch, best_validation_loss, best_validation_accuracy, best_train_loss, best_train_accuracy, spec
  FROM jobs
  UNION ALL
  SELECT id, project, NULL, name, experiment, coalesce(tags ->> 'mlflow.note.content', ''), ${tags}, state,
    ${text('architecture')}, ${text('dataset')}, NULL, NULL, NULL, NULL, NULL, NULL, NULL, started_at, started_at,
    finished_at, NULL, (figures ->> 'bestEpoch')::int, ${number('validationLoss')}, ${number('validationAccuracy')},
    ${number('trainLoss')}, ${number('trainAccuracy')}, ${spec}
  FROM runs`;

const attempts = sql`
  SELECT job_id, number, started_at, finished_at, executor, cost_per_hour FROM attempts
  UNION ALL SELECT id, 1, started_at, finished_at, NULL, NULL FROM runs`;

const tests = sql`
  SELECT job_id, project, epoch, loss, accuracy, accuracy_augmented, correct, total, top5_accuracy, macro_f1, partial,
    last_epoch, last_loss, last_accuracy, validation_loss, validation_accuracy, experiment, architecture, dataset,
    dataset_version, training_seconds, finished_at
  FROM test_results
  UNION ALL
  SELECT id, project, (figures ->> 'bestEpoch')::int, ${number('testLoss')}, ${number('testAccuracy')}, NULL, NULL,
    NULL, NULL, NULL, FALSE, NULL, NULL, NULL, ${number('validationLoss')}, ${number('validationAccuracy')}, experiment,
    ${text('architecture')}, ${text('dataset')}, NULL,
    greatest(0, extract(epoch FROM finished_at - started_at))::float8, finished_at
  FROM runs`;
