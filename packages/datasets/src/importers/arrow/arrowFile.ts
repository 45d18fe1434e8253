import { InvalidInputError, TrainyardError } from '@trainyard/contracts';
import { Type, tableFromIPC } from '@uwdata/flechette';
import { damaged } from '../../archives/damaged.js';
import type { FileBytes } from '../tables/fileBytes.js';
import { type Column, type ColumnKind, featuresOf, type Rows, type Table, type Wanted } from '../tables/table.js';
import { messagesOf } from './messages.js';

const title = 'Arrow file';
/** Of one batch of rows: all of it is in memory at once. */
const mostBatchBytes = 1024 ** 3;

export async function openArrow(bytes: FileBytes, name: string): Promise<Table> {
  try {
    const { schema } = tableFromIPC([await schemaOf(bytes)]);
    if (schema.fields.some(({ name: field }) => typeof field !== 'string')) throw new Error('column without a name');
    return {
      columns: schema.fields.map((field): Column => ({ name: field.name, kind: kindOf(field.type) })),
      features: featuresOf(schema.metadata?.get('huggingface')),
      async *read(column, wanted = () => true) {
        try {
          yield* readColumn(bytes, name, column, wanted);
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

function contradicts(name: string, error: unknown): Error {
  const { message, code } = error as NodeJS.ErrnoException;
  if (/codec|compression/i.test(message)) {
    return new InvalidInputError(`${name} is compressed, which cannot be read; write it without compression`);
  }
  const isClear = error instanceof TrainyardError || code !== undefined || /it ends too early/.test(message);
  return damaged(name, title, isClear ? error : new Error('its content contradicts itself'));
}

async function schemaOf(bytes: FileBytes): Promise<Uint8Array> {
  for await (const { kind, start, end } of messagesOf(bytes)) {
    if (kind === 'schema') return bytes.slice(start, end);
  }
  throw new Error('no schema');
}

interface ArrowType {
  typeId: number;
  children?: { name: string }[];
  dictionary?: unknown;
}

function kindOf(type: unknown): ColumnKind {
  const { typeId, children = [], dictionary } = type as ArrowType;
  switch (typeId) {
    case Type.Dictionary:
      return kindOf(dictionary);
    case Type.Struct:
      return children.some(({ name }) => name === 'bytes') ? 'image' : 'other';
    case Type.Binary:
    case Type.LargeBinary:
    case Type.BinaryView:
      return 'binary';
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Utf8View:
      return 'text';
    case Type.Int:
      return 'integer';
    case Type.Bool:
      return 'boolean';
    case Type.List:
    case Type.LargeList:
    case Type.FixedSizeList:
      return 'list';
    default:
      return 'other';
  }
}

/** One batch of rows at a time, each with the dictionaries before it. */
async function* readColumn(bytes: FileBytes, name: string, column: string, wanted: Wanted): AsyncGenerator<Rows> {
  const before: Uint8Array[] = [];
  let row = 0;
  for await (const { kind, start, end } of messagesOf(bytes)) {
    if (end - start > mostBatchBytes) {
      const remedy = 'write it with smaller batches (writer_batch_size of the library datasets)';
      throw new InvalidInputError(
        `${name} has a batch of ${end - start} bytes, more than ${mostBatchBytes}; ${remedy}`,
      );
    }
    const message = await bytes.slice(start, end);
    if (kind !== 'batch') {
      before.push(message);
      continue;
    }
    const table = tableFromIPC([...before, message]);
    // Each row of a batch has at least a bit of its own, so that a stated number of rows cannot fill the memory.
    if (!(table.numRows >= 0 && table.numRows <= 8 * message.length)) throw new Error(`${table.numRows} rows`);
    if (await wanted(row, row + table.numRows)) {
      yield { start: row, cells: (table.getChild(column)?.toArray() ?? []) as ArrayLike<unknown> };
    }
    row += table.numRows;
  }
}
