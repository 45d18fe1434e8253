import { ConflictError, type RecordedRows } from '@trainyard/contracts';
import { z } from 'zod';
import type { Connection } from '../postgres/postgres.js';
import { json, raw, sql } from '../postgres/sql.js';

/** A record, and where its job is put. */
export interface NewRecord {
  rows: RecordedRows;
  project: string;
  /** Where it comes from, for people. */
  from: string;
}

/**
 * Inserts the rows of a job, all but those of a job that is there already.
 * @param tx a transaction
 * @returns whether they were inserted; false: a job with this id is there
 * @throws ConflictError where other labels are stored of its test split
 */
export async function storeRecord(tx: Connection, { rows, project, from }: NewRecord): Promise<boolean> {
  const { job, attempts, events, epochs, checkpoints, test, classes, confusion, predictions, verifications } = rows;
  const jobId = job.id;
  const ofJob = <Row extends object>(all: readonly Row[]) => all.map((row) => ({ jobId, ...row }));
  // Webhooks get no events that happened elsewhere, long ago.
  await tx.execute(sql`SELECT set_config('trainyard.importing', 'on', true)`);
  const imported = { from, at: new Date().toISOString() };
  const inserted = await insert(tx, 'jobs', [{ ...job, project, imported }], 'ON CONFLICT (id) DO NOTHING');
  if (inserted === 0) return false;
  await insert(tx, 'attempts', ofJob(attempts));
  await insert(tx, 'events', ofJob(events));
  await insert(tx, 'epoch_metrics', ofJob(epochs));
  const keyed = checkpoints.map(({ folder, ...row }) => ({ ...row, key: `jobs/${jobId}/${folder}` }));
  await insert(tx, 'checkpoints', ofJob(keyed));
  if (test) await insert(tx, 'test_results', [{ jobId, project, ...test }]);
  await insert(tx, 'class_results', ofJob(classes));
  await insert(tx, 'confusion_counts', ofJob(confusion));
  if (predictions) await storeArrays(tx, jobId, predictions);
  await insert(tx, 'verifications', ofJob(verifications));
  return true;
}

/** Predictions, and the labels where there are none yet. */
async function storeArrays(
  tx: Connection,
  jobId: string,
  { datasetDigest, labels, ...arrays }: NonNullable<RecordedRows['predictions']>,
): Promise<void> {
  const bytes = Object.fromEntries(Object.entries(arrays).map(([name, base64]) => [name, toBytea(base64)]));
  const given = { datasetDigest, labels: toBytea(labels), imported: true };
  await insert(tx, 'test_labels', [given], 'ON CONFLICT DO NOTHING');
  const [stored] = await tx.query(
    z.object({ same: z.boolean() }),
    sql`SELECT labels = decode(${labels}, 'base64') AS same FROM test_labels WHERE dataset_digest = ${datasetDigest}`,
  );
  if (!stored?.same)
    throw new ConflictError(`other labels are stored here for the test images of the dataset ${datasetDigest}`);
  await insert(tx, 'test_predictions', [{ jobId, datasetDigest, ...bytes }]);
}

/** As Postgres reads bytes from a text. */
const toBytea = (base64: string): string => `\\x${Buffer.from(base64, 'base64').toString('hex')}`;

/** Parts of a statement's parameter: more than a request may have, and little enough for the memory of the server. */
const mostRows = 5000;

type Table =
  | 'jobs'
  | 'attempts'
  | 'events'
  | 'epoch_metrics'
  | 'checkpoints'
  | 'test_results'
  | 'class_results'
  | 'confusion_counts'
  | 'test_labels'
  | 'test_predictions'
  | 'verifications';

/** @param rows with equal fields, named as the columns but in camel case; Postgres converts each to its type */
async function insert(
  tx: Connection,
  table: Table,
  rows: readonly object[],
  otherwise: '' | 'ON CONFLICT (id) DO NOTHING' | 'ON CONFLICT DO NOTHING' = '',
): Promise<number> {
  const [first] = rows;
  if (first === undefined) return 0;
  const columns = Object.keys(first).map(columnOf).join(', ');
  let inserted = 0;
  for (let begin = 0; begin < rows.length; begin += mostRows) {
    const part = rows.slice(begin, begin + mostRows).map(columnsOf);
    inserted += await tx.execute(sql`
      INSERT INTO ${raw(table)} (${raw(columns)})
      SELECT ${raw(columns)} FROM jsonb_populate_recordset(NULL::${raw(table)}, ${json(part)}) ${raw(otherwise)}`);
  }
  return inserted;
}

/** Names of fields are those of schemas, never a user's. */
const columnOf = (field: string): string => field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const columnsOf = (row: object): object =>
  Object.fromEntries(Object.entries(row).map(([field, value]) => [columnOf(field), value]));
