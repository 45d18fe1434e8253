import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import { expect, test } from 'vitest';
import { inChild } from '../../src/importers/tables/inChild.js';
import { dataFolder } from '../readBack.js';

const content = await readFile(join(dataFolder, 'parquet/codecs/none-1.parquet'));

/** Opens bytes as a Parquet file and reads all columns. */
async function readColumns(bytes: Buffer, limits?: Parameters<typeof inChild>[2]): Promise<number> {
  const file = { path: 'set.parquet', file: null, bytes: bytes.length, read: async () => bytes, save: async () => {} };
  const table = await inChild('parquet', 'Parquet file', limits).open(file, 'set.parquet');
  let cells = 0;
  try {
    for (const { name } of table.columns) for await (const rows of table.read(name)) cells += rows.cells.length;
  } finally {
    await table.close();
  }
  return cells;
}

/** The length of a run, of which the library reads as many values as stated, and appends them to an array. */
const endlessRun = Buffer.from(content);
endlessRun.set([0xfe, 0xff, 0xff, 0xff, 0x0f], 547);

test('a file that makes V8 abort its process is refused as damaged', async () => {
  await expect(readColumns(content)).resolves.toBeGreaterThan(0);
  const read = readColumns(endlessRun);
  await expect(read).rejects.toThrow('set.parquet cannot be read as a Parquet file: it is truncated or damaged');
  await expect(read).rejects.toBeInstanceOf(InvalidInputError);
});

test('a file that takes longer than the limit, or more memory, is refused', async () => {
  const slow = readColumns(endlessRun, { silentSeconds: 0.01, heapMegabytes: 4096 });
  await expect(slow).rejects.toThrow('reading a part of it took more than 0.01 s');
  await expect(readColumns(endlessRun, { silentSeconds: 60, heapMegabytes: 64 })).rejects.toThrow('damaged');
});
