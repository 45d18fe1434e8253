import { InvalidInputError, TrainyardError } from '@trainyard/contracts';
import {
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type RowGroup,
  type SchemaTree,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { damaged } from '../../archives/damaged.js';
import type { FileBytes } from '../tables/fileBytes.js';
import { type Column, type ColumnKind, featuresOf, type Rows, type Table, type Wanted } from '../tables/table.js';
import { checkPages } from './checkPages.js';

const title = 'Parquet file';
/** Unpacked bytes of one column in one row group: all of them are in memory at once. */
const mostColumnBytes = 1024 ** 3;
const mostRows = 10_000_000;

export async function openParquet(bytes: FileBytes, name: string): Promise<Table> {
  try {
    const metadata = await parquetMetadataAsync(bufferOf(bytes), { geoparquet: false });
    const rows = metadata.row_groups.reduce((sum, { num_rows }) => sum + Number(num_rows), 0);
    if (!Number.isInteger(rows) || rows < 0) throw new Error(`${rows} rows`);
    if (rows > mostRows) {
      throw new InvalidInputError(`${name} states ${rows} rows, more than ${mostRows}; write it as several files`);
    }
    const stored = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
    return {
      columns: parquetSchema(metadata).children.map(columnOf),
      features: featuresOf(stored),
      async *read(column, wanted = () => true) {
        try {
          yield* readColumn(bytes, name, metadata, column, wanted);
        } catch (error) {
          throw contradicts(name, error);
        }
      },
      close: () => bytes.close(),
    };
  } catch (error) {
    await bytes.close();
    throw contradicts(name, error);
  }
}

/** What the library says of a damaged file says nothing to a reader, but for features that it lacks. */
function contradicts(name: string, error: unknown): Error {
  const { message, code } = error as NodeJS.ErrnoException;
  const isClear =
    error instanceof TrainyardError || code !== undefined || /unsupported|it ends too early/.test(message);
  return damaged(name, title, isClear ? error : new Error('its content contradicts itself'));
}

const bufferOf = (bytes: FileBytes) => ({
  byteLength: bytes.length,
  slice: async (start: number, end = bytes.length) => (await bytes.slice(start, end)).buffer,
});

function columnOf({ element, children }: SchemaTree): Column {
  if (typeof element.name !== 'string') throw new Error('column without a name');
  return { name: element.name, kind: kindOf({ element, children }) };
}

function kindOf({ element, children }: Pick<SchemaTree, 'element' | 'children'>): ColumnKind {
  const { type, converted_type: converted, logical_type: logical } = element;
  if (converted === 'LIST' || logical?.type === 'LIST') return 'list';
  if (children.length > 0) return children.some((child) => child.element.name === 'bytes') ? 'image' : 'other';
  if (converted === 'UTF8' || converted === 'ENUM' || logical?.type === 'STRING') return 'text';
  if (type === 'BYTE_ARRAY' && converted === undefined && logical === undefined) return 'binary';
  if (type === 'BOOLEAN') return 'boolean';
  const isPlain = converted === undefined || /^U?INT_/.test(converted);
  return (type === 'INT32' || type === 'INT64') && isPlain ? 'integer' : 'other';
}

/** One row group at a time. */
async function* readColumn(
  bytes: FileBytes,
  name: string,
  metadata: FileMetaData,
  column: string,
  wanted: Wanted,
): AsyncGenerator<Rows> {
  let start = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    const end = start + rows;
    if (rows > 0 && (await wanted(start, end))) {
      const file = await checkedColumn(bytes, name, group, column);
      const single: FileMetaData = { ...metadata, row_groups: [group] };
      const objects = await parquetReadObjects({
        file,
        metadata: single,
        columns: [column],
        compressors: boundedCompressors,
        utf8: false,
        geoparquet: false,
      });
      if (objects.length !== rows) throw new Error(`row group with ${objects.length} of ${rows} rows`);
      yield { start, cells: objects.map((object) => (object as Record<string, unknown>)[column]) };
    }
    start = end;
  }
}

/** Reads the column's part of the file, and checks what it states before anything is unpacked. */
async function checkedColumn(bytes: FileBytes, name: string, group: RowGroup, column: string) {
  const parts: { start: number; end: number; content: Uint8Array<ArrayBuffer> }[] = [];
  for (const { meta_data: chunk, file_path: path } of group.columns) {
    if (chunk?.path_in_schema[0] !== column) continue;
    if (path !== undefined) throw new InvalidInputError(`${name} has its columns in other files; write it as one file`);
    if (Number(chunk.total_uncompressed_size) > mostColumnBytes) {
      const size = `${chunk.total_uncompressed_size} bytes of the column ${column} in one row group`;
      const remedy = 'write it with smaller row groups (row_group_size=1000 in pyarrow and pandas)';
      throw new InvalidInputError(`${name} has ${size}, more than ${mostColumnBytes}; ${remedy}`);
    }
    const start = Math.min(
      Number(chunk.dictionary_page_offset ?? chunk.data_page_offset),
      Number(chunk.data_page_offset),
    );
    const end = start + Number(chunk.total_compressed_size);
    const content = await bytes.slice(start, end);
    checkPages(content, Number(chunk.num_values), mostColumnBytes);
    parts.push({ start, end, content });
  }
  return {
    byteLength: bytes.length,
    async slice(start: number, end = bytes.length): Promise<ArrayBuffer> {
      const part = parts.find((each) => each.start <= start && end <= each.end);
      if (part === undefined) return (await bytes.slice(start, end)).buffer;
      return part.content.slice(start - part.start, end - part.start).buffer;
    },
  };
}

/** A page states its unpacked size; what it is packed to says how large that can be. */
const boundedCompressors = Object.fromEntries(
  Object.entries(compressors).map(([codec, unpack]) => [
    codec,
    (packed: Uint8Array, length: number) => {
      if (!(length >= 0 && length <= mostColumnBytes)) throw new Error(`page of ${length} bytes`);
      return (unpack as (packed: Uint8Array, length: number) => Uint8Array)(packed, length);
    },
  ]),
);
