import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import { expect, test } from 'vitest';
import { openArrow } from '../../src/importers/arrow/arrowFile.js';
import { inMemory } from '../../src/importers/tables/fileBytes.js';
import { makeFolder, temporaryFolder } from '../makeArchives.js';
import { dataFolder, expectedOf, readBack } from '../readBack.js';

const folder = join(dataFolder, 'arrow');

test.each([
  ['splits', ['frog', 'cat', 'owl']],
  ['single', null],
  ['selected', ['0', '1', '2']],
])('%s: what save_to_disk wrote is read as load_from_disk reads it', async (set, names) => {
  const expected = await expectedOf('arrow');
  const { images, classes, warnings } = await readBack(join(folder, set));
  expect(images).toEqual(expected[set]);
  expect(classes).toEqual(names);
  expect(warnings).toEqual([]);
});

test('a selection that is stored as indices is refused with the call that helps', async () => {
  const root = await temporaryFolder();
  const rows = await readFile(join(folder, 'single/data-00000-of-00001.arrow'));
  const state = Buffer.from('{"_indices_files": [{"filename": "indices.arrow"}]}');
  const set = await makeFolder(join(root, 'set'), { 'dataset.arrow': rows, 'state.json': state });
  await expect(readBack(set)).rejects.toThrow('state.json selects rows by a list of indices; call flatten_indices()');
});

test('a file that was cut is refused, or has only the rows of its whole batches', async () => {
  const content = await readFile(join(folder, 'single/data-00000-of-00001.arrow'));
  let refused = 0;
  for (let length = 8; length < content.length - 16; length += 40) {
    await readColumns(content.subarray(0, length)).catch((error) => {
      expect(error).toBeInstanceOf(InvalidInputError);
      refused++;
    });
  }
  expect(refused).toBeGreaterThan(20);
});

async function readColumns(content: Buffer): Promise<void> {
  const table = await openArrow(inMemory(content), 'cut.arrow');
  for (const { name } of table.columns) for await (const _rows of table.read(name));
}
