import type { AnyResultRow } from '@trainyard/contracts';
import { type Column, jobKind } from '../filter/jobFields.js';
import { isForeign } from '../foreign/foreignTables.js';
import { type Sql, sql } from '../postgres/sql.js';

const text = (column: Sql): Column => ({ type: 'text', sql: column });
const number = (column: Sql): Column => ({ type: 'number', sql: sql`${column}::float8` });
/** Every stored spec of a job has it. */
const ofSpec = (json: Sql): Column => ({ type: 'number', sql: sql`${json}::float8` });

/** The fields of a row of the history, for statements over `test_results JOIN jobs`. */
export const resultColumns: Record<keyof AnyResultRow, Column> = {
  jobId: text(sql`jobs.id`),
  kind: text(jobKind),
  sourceJobId: text(sql`(jobs.source ->> 'jobId')`),
  name: text(sql`jobs.name`),
  experiment: text(sql`test_results.experiment`),
  dataset: text(sql`test_results.dataset`),
  datasetVersion: number(sql`test_results.dataset_version`),
  architecture: text(sql`test_results.architecture`),
  parameters: number(sql`jobs.parameters`),
  learningRate: ofSpec(sql`(jobs.spec -> 'learningRate')`),
  batchSize: ofSpec(sql`(jobs.spec -> 'batchSize')`),
  epochs: ofSpec(sql`(jobs.spec -> 'epochs')`),
  optimizer: text(sql`(jobs.spec #>> '{optimizer,type}')`),
  seed: ofSpec(sql`(jobs.spec -> 'seed')`),
  splitSeed: ofSpec(sql`coalesce(jobs.spec #> '{dataset,splitSeed}', jobs.spec -> 'seed')`),
  bestEpoch: number(sql`test_results.epoch`),
  validationLoss: number(sql`test_results.validation_loss`),
  validationAccuracy: number(sql`test_results.validation_accuracy`),
  testLoss: number(sql`test_results.loss`),
  testAccuracy: number(sql`test_results.accuracy`),
  testAccuracyAugmented: number(sql`test_results.accuracy_augmented`),
  top5Accuracy: number(sql`test_results.top5_accuracy`),
  macroF1: number(sql`test_results.macro_f1`),
  partial: { type: 'boolean', sql: sql`test_results.partial` },
  lastEpoch: number(sql`test_results.last_epoch`),
  lastTestAccuracy: number(sql`test_results.last_accuracy`),
  trainingSeconds: number(sql`test_results.training_seconds`),
  executor: text(sql`(
    SELECT executor ->> 'name' FROM attempts WHERE job_id = jobs.id ORDER BY number DESC LIMIT 1)`),
  foreign: {
    type: 'any',
    sql: sql`CASE WHEN ${isForeign} THEN (SELECT jsonb_build_object('source', source, 'server', server,
      'experiment', experiment, 'runId', run_id) FROM foreign_runs WHERE foreign_runs.id = jobs.id) END`,
  },
  finishedAt: { type: 'date', sql: sql`test_results.finished_at` },
};
