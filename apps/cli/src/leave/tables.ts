import { type JobRecord, jobRecordSchema, recordedAliasMoveSchema, recordedAliasSchema } from '@trainyard/contracts';
import { parquetReadObjects } from 'hyparquet';
import { type BasicType, parquetWriteBuffer } from 'hyparquet-writer';
import { z } from 'zod';

/** A row of a table, with the values that the API's JSON has. */
export type Row = Record<string, unknown>;

const { shape } = jobRecordSchema;
const rowSchemas = {
  attempts: shape.attempts.element,
  events: shape.events.element,
  epochs: shape.epochs.element,
  checkpoints: shape.checkpoints.element,
  classes: shape.classes.element,
  confusion: shape.confusion.element,
  verifications: shape.verifications.element,
  files: shape.files.element,
};
const singleSchemas = { test: shape.test.unwrap(), predictions: shape.predictions.unwrap() };
const ofExperiment = { experiment: z.string() };

/** The rows of each table. All but `jobs` and those of aliases begin with the id of their job. */
const schemas: Record<string, z.ZodObject> = {
  jobs: shape.job,
  ...rowSchemas,
  ...singleSchemas,
  aliases: recordedAliasSchema.extend(ofExperiment),
  aliasMoves: recordedAliasMoveSchema.extend(ofExperiment),
};

const lists = Object.keys(rowSchemas) as (keyof typeof rowSchemas)[];
const singles = Object.keys(singleSchemas) as (keyof typeof singleSchemas)[];

/** The rows of records by the name of their table; tables without rows are left out. */
export function rowsOf(records: readonly JobRecord[]): Map<string, Row[]> {
  const tables = new Map<string, Row[]>();
  const add = (table: string, rows: readonly Row[]) => {
    if (rows.length > 0) tables.set(table, (tables.get(table) ?? []).concat(rows));
  };
  for (const record of records) {
    const { id: jobId } = record.job;
    add('jobs', [record.job]);
    for (const name of lists)
      add(
        name,
        record[name].map((row) => ({ jobId, ...row })),
      );
    for (const name of singles) add(name, record[name] ? [{ jobId, ...record[name] }] : []);
  }
  return tables;
}

/**
 * The records that `rowsOf` took apart.
 * @throws ZodError where the rows are not those of records
 */
export function recordsOf(tables: ReadonlyMap<string, readonly Row[]>): JobRecord[] {
  const byJob = new Map([...tables].map(([name, rows]) => [name, groupedByJob(rows)]));
  const rowsIn = (name: string, id: unknown) => (byJob.get(name)?.get(id) ?? []).map(({ jobId: _, ...row }) => row);
  return (tables.get('jobs') ?? []).map((job) =>
    jobRecordSchema.parse({
      version: shape.version.value,
      job,
      ...Object.fromEntries(lists.map((name) => [name, rowsIn(name, job.id)])),
      ...Object.fromEntries(singles.map((name) => [name, rowsIn(name, job.id)[0] ?? null])),
    }),
  );
}

function groupedByJob(rows: readonly Row[]): Map<unknown, Row[]> {
  const groups = new Map<unknown, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.jobId);
    if (group) group.push(row);
    else groups.set(row.jobId, [row]);
  }
  return groups;
}

interface Column {
  name: string;
  type: BasicType;
}

const jobId: Column = { name: 'jobId', type: 'STRING' };

/** A table as a Parquet file. Numbers are doubles, times are timestamps, arrays of bytes are bytes. */
export function encodeTable(table: string, rows: readonly Row[]): Uint8Array {
  const columnData = columnsOf(table).map(({ name, type }) => ({
    name,
    type,
    nullable: true,
    data: rows.map((row) => toCell(type, row[name] ?? null)),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData, createdBy: 'trainyard' }));
}

/** The rows of a Parquet file of `encodeTable`. */
export async function decodeTable(table: string, bytes: Uint8Array): Promise<Row[]> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const rows = await parquetReadObjects({ file, utf8: false });
  const columns = columnsOf(table);
  return rows.map((row) => Object.fromEntries(columns.map(({ name, type }) => [name, fromCell(type, row[name])])));
}

function columnsOf(table: string): Column[] {
  const schema = schemas[table];
  if (schema === undefined) throw new Error(`there is no table ${table}`);
  // Without the names that a process has given to schemas: a named one would be a reference.
  const { properties = {} } = z.toJSONSchema(schema, { metadata: z.registry() });
  const columns = Object.entries(properties).map(([name, property]) => ({ name, type: typeOf(property as JsonType) }));
  return table === 'jobs' || table.startsWith('alias') ? columns : [jobId, ...columns];
}

interface JsonType {
  type?: string;
  format?: string;
  anyOf?: JsonType[];
}

function typeOf({ type, format, anyOf }: JsonType): BasicType {
  const nonNull = anyOf?.filter((each) => each.type !== 'null') ?? [];
  if (nonNull.length === 1 && nonNull[0]) return typeOf(nonNull[0]);
  if (type === 'boolean') return 'BOOLEAN';
  if (type === 'number' || type === 'integer') return 'DOUBLE';
  if (type !== 'string') return 'JSON';
  if (format === 'date-time') return 'TIMESTAMP';
  return format === 'base64' ? 'BYTE_ARRAY' : 'STRING';
}

function toCell(type: BasicType, value: unknown): unknown {
  if (value === null) return null;
  if (type === 'TIMESTAMP') return new Date(String(value));
  return type === 'BYTE_ARRAY' ? new Uint8Array(Buffer.from(String(value), 'base64')) : value;
}

function fromCell(type: BasicType, cell: unknown): unknown {
  if (cell === null || cell === undefined) return null;
  if (cell instanceof Date) return cell.toISOString();
  return type === 'BYTE_ARRAY' ? Buffer.from(cell as Uint8Array).toString('base64') : cell;
}
