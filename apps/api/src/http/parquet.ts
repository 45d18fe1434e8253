import type { Table, TableColumn } from '@trainyard/db';
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';

export const parquetMediaType = 'application/vnd.apache.parquet';

/**
 * Values of a row group. The writer encodes a group at once, and no other request is served meanwhile: some 30 ms. A
 * group is in memory a few times over.
 */
const groupValues = 150_000;

/**
 * A table as a Parquet file, a part for each group of rows.
 * @see https://parquet.apache.org/docs/file-format/
 */
export async function* parquetOf({ columns, batches }: Table): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const schema = [{ name: 'root', num_children: columns.length }, ...columns.flatMap(elementsOf)];
  const file = new ParquetWriter({ writer: bytes, schema, createdBy: 'trainyard' });
  const write = (rows: readonly unknown[][]): Uint8Array => {
    const columnData = columns.map((column, i) => ({
      name: column.name,
      data: rows.map((row) => row[i]),
      offsetIndex: false,
    }));
    file.write({ columnData, rowGroupSize: rows.length });
    return taken(bytes);
  };
  let group: unknown[][] = [];
  for await (const rows of batches) {
    group = group.concat(rows);
    if (group.length * columns.length < groupValues) continue;
    yield write(group);
    group = [];
  }
  if (group.length > 0) yield write(group);
  file.finish();
  yield taken(bytes);
}

/** What was written since the last time; the writer starts its buffer again and goes on counting its offset. */
function taken(bytes: ByteWriter): Uint8Array {
  const part = bytes.getBytes().slice();
  bytes.index = 0;
  return part;
}

const types = {
  number: { type: 'DOUBLE' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  boolean: { type: 'BOOLEAN' },
  date: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  json: { type: 'BYTE_ARRAY', converted_type: 'JSON' },
} as const satisfies Record<Exclude<TableColumn['type'], 'list'>, Partial<SchemaElement>>;

/** Of a column, with the levels that a list has. */
function elementsOf({ name, type }: TableColumn): SchemaElement[] {
  if (type !== 'list') return [{ name, repetition_type: 'OPTIONAL', ...types[type] }];
  return [
    { name, repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'OPTIONAL', ...types.text },
  ];
}
