import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { DatasetStore, importAny } from '../../src/index.js';
import { nameOfFile } from '../../src/store/names.js';
import { type Files, image, makeFolder, makeZip, smallImageFolder, temporaryFolder } from '../makeArchives.js';

let folder: string;
let store: DatasetStore;
beforeEach(async () => {
  folder = await temporaryFolder();
  store = new DatasetStore(join(folder, 'root'));
});

/** A folder of its own for each archive, as browsers make `archive (1).zip` of the second. */
async function zipIn(below: string, name: string, files: Files): Promise<string> {
  await mkdir(join(folder, below), { recursive: true });
  return makeZip(join(folder, below, name), files);
}

async function folderOf(classes: string[], colour = 0): Promise<Files> {
  const files: Files = {};
  for (const name of classes) {
    for (const split of ['train', 'test']) files[`${split}/${name}/1.png`] = await image('png', [colour, 10, 20]);
  }
  return files;
}

test('a download with other classes under a name that is taken gets a name of its own, which is said', async () => {
  const first = await importAny(store, await zipIn('a', 'archive.zip', await folderOf(['cat', 'dog'])));
  const second = await importAny(store, await zipIn('b', 'archive.zip', await folderOf(['car', 'plane', 'ship'])));
  expect([first.name, second.name]).toEqual(['archive', 'archive-2']);
  expect(second.notes).toContainEqual(
    'Imported as archive-2, since archive is another dataset already (cat, dog from archive.zip); ' +
      'choose a name of your own with --name.',
  );
  const third = await importAny(store, await zipIn('c', 'archive.zip', await folderOf(['red', 'blue'])));
  expect(third.name).toBe('archive-3');
});

test('even equal classes do not make two files with a name of all downloads versions of one set', async () => {
  const names = [];
  for (const [i, place] of ['a', 'b'].entries()) {
    names.push((await importAny(store, await zipIn(place, 'data.zip', await folderOf(['0', '1'], i)))).name);
  }
  expect(names).toEqual(['data', 'data-2']);
});

test('the same folder with another class is a new version, and so is a set with the same classes', async () => {
  const pets = join(folder, 'pets');
  await makeFolder(pets, await folderOf(['cat', 'dog']));
  await importAny(store, pets);
  await makeFolder(pets, await folderOf(['bird', 'cat', 'dog']));
  expect(await importAny(store, pets)).toMatchObject({ name: 'pets', version: 2, notes: [] });
  const other = await importAny(store, await zipIn('elsewhere', 'pets.zip', await folderOf(['bird', 'cat', 'dog'], 9)));
  expect(other).toMatchObject({ name: 'pets', version: 3 });
  expect(other.notes[0]).toMatch(/^pets had a version from another place before/);
});

test('going back to earlier content says which version jobs train on', async () => {
  const first = await zipIn('a', 'v1.zip', await folderOf(['cat', 'dog'], 1));
  const second = await zipIn('a', 'v2.zip', await folderOf(['cat', 'dog'], 2));
  for (const file of [first, second]) await importAny(store, file, { name: 'pets' });
  const again = await importAny(store, first, { name: 'pets' });
  expect(again.version).toBe(1);
  const said = /pets version 1 has this content already; jobs that name only pets train on version 2.*--dataset pets@1/;
  expect(again.notes.at(-1)).toMatch(said);
  // The same content from elsewhere is not recognised by its source, but by its pixels.
  const copy = await importAny(
    store,
    await zipIn('b', 'copy.zip', { ...(await folderOf(['cat', 'dog'], 1)), 'a.txt': Buffer.from('') }),
    { name: 'pets' },
  );
  expect(copy.notes.at(-1)).toMatch(said);
  expect((await store.list()).map(({ version }) => version)).toEqual([2, 1]);
});

test('only CIFAR-10 itself may be called cifar10', async () => {
  const ten = await folderOf([
    'airplane',
    'automobile',
    'bird',
    'cat',
    'deer',
    'dog',
    'frog',
    'horse',
    'ship',
    'truck',
  ]);
  const own = await zipIn('a', 'cifar10.zip', ten);
  expect((await importAny(store, own)).name).toBe('cifar10-2');
  await expect(importAny(store, own, { name: 'cifar10' })).rejects.toThrow(/reserved for CIFAR-10 itself.*--name/);
  expect(await store.find('cifar10')).toBeNull();
});

test('a set that was imported under two names is found under the one of its last import', async () => {
  const pets = await zipIn('a', 'pets.zip', await smallImageFolder());
  await importAny(store, pets, { name: 'zebra' });
  await importAny(store, pets, { name: 'ant' });
  expect((await importAny(store, pets)).name).toBe('ant');
});

test('the generated set takes no options', async () => {
  await expect(importAny(store, 'shapes', { name: 'foo', size: '64' })).rejects.toThrow(
    /--name, --size does not apply/,
  );
});

test.each([
  ['My Pets.tar.gz', 'my-pets'],
  ['Übung 1.zip', 'ubung-1'],
  ['Crème brûlée', 'creme-brulee'],
  ['数据集', 'images'],
  ['-', 'images'],
  [`${'x'.repeat(80)}.tar.xz`, 'x'.repeat(64)],
])('the file %j suggests the name %j', (file, name) => {
  expect(nameOfFile(file)).toBe(name);
});
