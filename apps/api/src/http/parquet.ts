import type { Table, TableColumn } from '@trainyard/db';
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';

export const parquetMediaType = 'application/vnd.apache.parquet';

/**
 * Values of a row group. The writer encodes a group at once, and no other request is served meanwhile: some 30 ms. A
 * group is in memory a few times over.
 */
const groupValues = 150_000;

/**
 * A table as a Parquet file, part by part.
 * @see https://parquet.apache.org/docs/file-format/
 */
export class ParquetEncoder {
  private readonly bytes = new ByteWriter();
  private readonly file: ParquetWriter;
  private group: unknown[][] = [];

  constructor(private readonly columns: readonly TableColumn[]) {
    const schema = [{ name: 'root', num_children: columns.length }, ...columns.flatMap(elementsOf)];
    this.file = new ParquetWriter({ writer: this.bytes, schema, createdBy: 'trainyard' });
  }

  /** @returns a group of rows; null: it waits for more rows */
  add(rows: readonly unknown[][]): Uint8Array | null {
    this.group = this.group.concat(rows);
    return this.group.length * this.columns.length < groupValues ? null : this.encode();
  }

  /** @returns the rest */
  end(): Uint8Array {
    const last = this.group.length > 0 ? this.encode() : new Uint8Array();
    this.file.finish();
    return Buffer.concat([last, taken(this.bytes)]);
  }

  private encode(): Uint8Array {
    const { group } = this;
    const columnData = this.columns.map((column, i) => ({
      name: column.name,
      data: group.map((row) => row[i]),
      offsetIndex: false,
    }));
    this.file.write({ columnData, rowGroupSize: group.length });
    this.group = [];
    return taken(this.bytes);
  }
}

/** A table as a Parquet file, a part for each group of rows. */
export async function* parquetOf({ columns, batches }: Table): AsyncGenerator<Uint8Array> {
  const encoder = new ParquetEncoder(columns);
  for await (const rows of batches) {
    const group = encoder.add(rows);
    if (group) yield group;
  }
  yield encoder.end();
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
