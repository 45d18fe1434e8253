import { mkdir, mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DatasetStore, RememberedDatasets, writePacked } from '../../src/index.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trainyard-remembered-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function add(version: number): Promise<void> {
  await mkdir(join(folder, 'grey'), { recursive: true });
  const split = { images: new Uint8Array(2 * 4 * 4).fill(version), labels: Int32Array.from([0, 1]) };
  await writePacked(join(folder, 'grey', `${version}.packed`), {
    name: 'grey',
    version,
    classes: ['a', 'b'],
    imageShape: [4, 4, 1],
    source: 'test',
    train: split,
    test: split,
  });
}

/** As if the folder had last changed a minute ago. */
const settle = () => {
  const then = new Date(Date.now() - 60_000);
  return utimes(join(folder, 'grey'), then, then);
};

test('a dataset whose folder has not changed is not read again', async () => {
  await add(1);
  await settle();
  const store = new DatasetStore(folder);
  const find = vi.spyOn(store, 'find');
  const remembered = new RememberedDatasets(store);
  const first = await remembered.find('grey');
  expect(first).toMatchObject({ name: 'grey', version: 1 });
  expect(await remembered.find('grey')).toEqual(first);
  expect(find).toHaveBeenCalledTimes(1);
});

test('a new version is found at once', async () => {
  await add(1);
  await settle();
  const remembered = new RememberedDatasets(new DatasetStore(folder));
  expect((await remembered.find('grey'))?.version).toBe(1);
  await add(2);
  expect((await remembered.find('grey'))?.version).toBe(2);
  expect((await remembered.find('grey', 1))?.version).toBe(1);
});

test('nothing is remembered of a folder that has just changed or does not exist', async () => {
  const store = new DatasetStore(folder);
  const find = vi.spyOn(store, 'find');
  const remembered = new RememberedDatasets(store);
  expect(await remembered.find('grey')).toBeNull();
  await add(1);
  for (let i = 0; i < 2; i++) expect((await remembered.find('grey'))?.version).toBe(1);
  expect(find).toHaveBeenCalledTimes(3);
});
