import { on } from 'node:events';
import { openArrow } from '../arrow/arrowFile.js';
import { openParquet } from '../parquet/parquetFile.js';
import { fileOnDisk, inMemory } from './fileBytes.js';
import { type Answer, failedAnswer, type Request, type TableFile } from './messages.js';
import type { Table } from './table.js';

/*
 * The process in which files of tables are read, one after the other. The libraries that read tables have no limits of
 * their own: a damaged file can keep one busy for hours, fill the heap, or make V8 abort its process. `inChild.ts`
 * starts this process, and ends it at its limits.
 */

const send = (answer: Answer) => process.send?.(answer);
const requests = on(process, 'message');
const receive = async (): Promise<Request> => (await requests.next()).value[0];

async function open({ format, name, file, content }: TableFile): Promise<Table> {
  const bytes = file === null ? inMemory(content ?? new Uint8Array()) : await fileOnDisk(file);
  return format === 'parquet' ? openParquet(bytes, name) : openArrow(bytes, name);
}

/** Answers each `next` with rows or with the end; before rows, the parent is asked whether it wants them. */
async function read(table: Table, column: string): Promise<void> {
  const wanted = async (start: number, end: number) => {
    send({ range: { start, end } });
    const answer = await receive();
    return typeof answer === 'object' && 'wanted' in answer && answer.wanted;
  };
  for await (const rows of table.read(column, wanted)) {
    send({ rows: { start: rows.start, cells: plain(rows.cells) } });
    if ((await receive()) !== 'next') return;
  }
  send('end');
}

/** Arrays and typed arrays pass between processes; other classes of a library do not. */
const plain = (cells: ArrayLike<unknown>): ArrayLike<unknown> =>
  Array.isArray(cells) || ArrayBuffer.isView(cells) ? cells : Array.from(cells);

process.on('disconnect', () => process.exit());
try {
  for (;;) {
    const table = await open((await receive()) as TableFile);
    send({ opened: { columns: table.columns, features: table.features } });
    for (let request = await receive(); request !== 'close'; request = await receive()) {
      if (typeof request === 'object' && 'read' in request) await read(table, request.read);
    }
    await table.close();
  }
} catch (error) {
  send(failedAnswer(error));
}
