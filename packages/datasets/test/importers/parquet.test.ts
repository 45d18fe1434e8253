import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import { expect, test } from 'vitest';
import { openParquet } from '../../src/importers/parquet/parquetFile.js';
import { inMemory } from '../../src/importers/tables/fileBytes.js';
import { makeFolder, makeZip, temporaryFolder } from '../makeArchives.js';
import { dataFolder, expectedOf, readBack } from '../readBack.js';

const folder = join(dataFolder, 'parquet');
const hubFile = (name: string) => readFile(join(folder, 'hub/data', name));

test('a set of the hub is read as the library datasets reads it; a split without labels is left out', async () => {
  const { hub } = await expectedOf('parquet');
  const { images, classes, notes, warnings } = await readBack(join(folder, 'hub'));
  expect(images).toEqual({ train: hub?.train, validation: hub?.validation });
  expect(classes).toEqual(['frog', 'cat', 'owl']);
  expect(notes).toEqual(['The test split has no labels: its 2 images were left out.']);
  expect(warnings).toEqual([]);
});

test.each([
  ['strings', 'text that is stored by a dictionary', null],
  ['arrays', 'lists of numbers as images', ['frog', 'cat', 'owl']],
])('%s: %s is read as the library datasets reads it', async (set, _, names) => {
  const expected = await expectedOf('parquet');
  const { images, classes } = await readBack(join(folder, set));
  expect(images).toEqual(expected[set]);
  expect(classes).toEqual(names);
});

test('of several label columns the finer one is read, or the one that is named', async () => {
  const expected = await expectedOf('parquet');
  const fine = await readBack(join(folder, 'two-labels'));
  expect(fine.images).toEqual(expected['two-labels']);
  expect(fine.notes).toEqual(['The classes are those of the column fine_label, not coarse_label (--labels COLUMN).']);
  const coarse = await readBack(join(folder, 'two-labels'), { labels: 'coarse_label' });
  expect(coarse.classes).toEqual(['land', 'air']);
  const wrong = readBack(join(folder, 'two-labels'), { labels: 'kind' });
  await expect(wrong).rejects.toThrow('no column kind of labels, only img (image), coarse_label (integer)');
});

test('a single file of each codec and version of pages, of a plain binary column and numbers', async () => {
  const { codecs } = await expectedOf('parquet');
  const files = await readdir(join(folder, 'codecs'));
  expect(files).toHaveLength(12);
  for (const file of files) {
    const { images, classes } = await readBack(join(folder, 'codecs', file));
    expect({ file, images }).toEqual({ file, images: { none: codecs?.train } });
    expect(classes).toEqual(['0', '1', '2']);
  }
});

test('a set in a zip is read like its folder', async () => {
  const root = await temporaryFolder();
  const files: Record<string, Buffer> = {};
  for (const name of await readdir(join(folder, 'hub/data'))) files[`birds/data/${name}`] = await hubFile(name);
  const zipped = await readBack(await makeZip(join(root, 'birds.zip'), files));
  expect(zipped.images).toEqual((await readBack(join(folder, 'hub'))).images);
});

test('images that are stored as paths alone are refused', async () => {
  await expect(readBack(join(folder, 'paths-only'))).rejects.toThrow(
    /train-00000-of-00001.parquet row 0 has only the path of an image \(pictures\/0.png\), not the image; .*to_parquet/,
  );
});

test('several configurations are refused by the path of one; splits of other names are said', async () => {
  const root = await temporaryFolder();
  const shard = await hubFile('train-00001-of-00002.parquet');
  const several = await makeFolder(join(root, 'several'), {
    'small/train-00000-of-00001.parquet': shard,
    'large/train-00000-of-00001.parquet': shard,
  });
  await expect(readBack(several)).rejects.toThrow(
    `has 2 sets of tables (large, small); import one of them: ${join(several, 'large')}`,
  );
  const other = await makeFolder(join(root, 'other'), {
    'plain_text/train-00000-of-00001.parquet': shard,
    'plain_text/train_10k-00000-of-00001.parquet': shard,
    'plain_text/dev-00000-of-00001.parquet': shard,
  });
  const read = await readBack(other);
  expect(Object.keys(read.images).sort()).toEqual(['train', 'validation']);
  expect(read.warnings).toEqual([
    '1 files are of no split by their names (train_10k) and were left out; import them alone.',
  ]);
  const alone = await readBack(join(other, 'plain_text/train_10k-00000-of-00001.parquet'));
  expect(alone.images).toEqual({ train: read.images.train });
  expect(alone.notes).toEqual(['train_10k is the train split.']);
});

test('a damaged file is refused as such, or read, whichever byte is changed', async () => {
  const content = await hubFile('train-00001-of-00002.parquet');
  let refused = 0;
  for (let at = 0; at < content.length; at += 3) {
    const changed = Buffer.from(content);
    changed[at] = (changed[at] as number) ^ (1 << (at % 8));
    await readColumns(changed).catch((error) => {
      expect(error).toBeInstanceOf(InvalidInputError);
      refused++;
    });
  }
  expect(refused).toBeGreaterThan(20);
});

async function readColumns(content: Buffer): Promise<void> {
  const table = await openParquet(inMemory(content), 'changed.parquet');
  for (const { name } of table.columns) for await (const _rows of table.read(name));
}
