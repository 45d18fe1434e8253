import { createHash } from 'node:crypto';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DatasetStore, importAny, openPacked, type PackedDataset } from '../../src/index.js';
import { image, tarBytes, temporaryFolder } from '../makeArchives.js';

/** Shards that webdataset's ShardWriter wrote, and what its reader gives (make.py). */
const data = fileURLToPath(new URL('../data/webdataset', import.meta.url));

interface Row {
  label: number | string;
  sha256: string;
}
const expected: { cls: Record<'train' | 'validation' | 'test', Row[]>; json: Row[] } = JSON.parse(
  await readFile(join(data, 'expected.json'), 'utf8'),
);

async function importShards(path: string) {
  const store = new DatasetStore(await temporaryFolder());
  const dataset = await importAny(store, path);
  return { dataset, packed: await openPacked(store.file(dataset)) };
}

async function rowsOf(packed: PackedDataset, section: 'train' | 'test'): Promise<Row[]> {
  const labels = [...(await packed.readLabels(section))];
  const pixels = await packed.readImages(
    section,
    labels.map((_, i) => i),
  );
  return labels.map((label, i) => ({
    label: packed.dataset.classes[label] as string,
    sha256: createHash('sha256')
      .update(pixels.subarray(i * 768, (i + 1) * 768))
      .digest('hex'),
  }));
}

const named = (rows: Row[]) => rows.map(({ label, sha256 }) => ({ label: String(label), sha256 }));

test('a folder of shards with .cls files has the splits, classes, pixels and order that webdataset reads', async () => {
  const { dataset, packed } = await importShards(join(data, 'cls'));
  expect(dataset).toMatchObject({ classes: ['0', '1', '2'], trainImages: 9, validationImages: 3, testImages: 3 });
  const { train, validation, test: tested } = expected.cls;
  expect(await rowsOf(packed, 'train')).toEqual([...named(train), ...named(validation)]);
  expect(await rowsOf(packed, 'test')).toEqual(named(tested));
});

test('shards with the class in a .json file, and no split, are split by seed', async () => {
  const { dataset, packed } = await importShards(join(data, 'json'));
  expect(dataset).toMatchObject({ classes: ['ant', 'bee'], trainImages: 8, testImages: 2 });
  const all = [...(await rowsOf(packed, 'train')), ...(await rowsOf(packed, 'test'))];
  const sorted = (rows: Row[]) => rows.map((row) => JSON.stringify(row)).sort();
  expect(sorted(all)).toEqual(sorted(named(expected.json)));
});

test('a single shard, class names by number, and samples that lack a part', async () => {
  const folder = await temporaryFolder();
  await cp(join(data, 'cls'), join(folder, 'set'), { recursive: true });
  await writeFile(join(folder, 'set/classes.txt'), 'zebra\nyak\nox\n');
  const { dataset } = await importShards(join(folder, 'set'));
  expect(dataset.classes).toEqual(['zebra', 'yak', 'ox']);
  await rm(join(folder, 'set'), { recursive: true });

  const files: Record<string, Buffer> = {};
  for (let i = 0; i < 8; i++) {
    files[`a.b/00${i}.seg.png`] = await image('png', [i * 20, 9, 9]);
    if (i !== 3) files[`a.b/00${i}.cls`] = Buffer.from(`${i % 2}\n`);
  }
  files['a.b/099.cls'] = Buffer.from('1');
  await writeFile(join(folder, 'one.tar'), await tarBytes(files));
  const single = (await importShards(join(folder, 'one.tar'))).dataset;
  expect(single.trainImages + single.testImages).toBe(7);
  expect(single.warnings).toContain('1 images without a .cls file that names a class were left out (a.b/003.seg.png).');
  expect(single.warnings).toContain('1 classes without an image were left out (a.b/099).');
});
