import { mkdir, readdir, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DatasetStore, importAny } from '../../src/index.js';
import { image, makeTarGz, smallImageFolder, temporaryFolder } from '../makeArchives.js';

test('importing the same source again reads no pixel and creates no version', async () => {
  const folder = await temporaryFolder();
  const store = new DatasetStore(join(folder, 'root'));
  const file = await makeTarGz(join(folder, 'pets.tar.gz'), await smallImageFolder());
  const dataset = await importAny(store, file);
  const before = await stat(store.file(dataset));
  const phases: string[] = [];
  expect(await importAny(store, file, {}, ({ phase }) => phases.push(phase))).toEqual(dataset);
  expect(await importAny(store, file, { name: 'pets' }, ({ phase }) => phases.push(phase))).toEqual(dataset);
  expect(phases).toEqual([]);
  expect((await stat(store.file(dataset))).mtimeMs).toBe(before.mtimeMs);
  expect(await readdir(join(folder, 'root', 'pets'))).toEqual(['1.packed']);
});

test('other content under the same name is the next version, and the newest is found', async () => {
  const folder = await temporaryFolder();
  const store = new DatasetStore(join(folder, 'root'));
  const files = await smallImageFolder();
  const first = await importAny(store, await makeTarGz(join(folder, 'a.tar.gz'), files), { name: 'pets' });
  files['train/red/2.png'] = await image('png', [180, 0, 0]);
  const second = await importAny(store, await makeTarGz(join(folder, 'b.tar.gz'), files), { name: 'pets' });
  expect([first.version, second.version]).toEqual([1, 2]);
  await writeFile(join(folder, 'root', 'notes.txt'), 'a stray file among the folders');
  expect(await store.find('pets', null)).toEqual(second);
  expect(await store.find('pets', 1)).toEqual(first);
  expect(await store.find('pets', 3)).toBeNull();
  expect(await store.find('cats', null)).toBeNull();
  expect(await store.list()).toEqual([second, first]);
});

test('imports of one name at the same time give one version', async () => {
  const folder = await temporaryFolder();
  const file = await makeTarGz(join(folder, 'pets.tar.gz'), await smallImageFolder());
  const stores = [1, 2, 3, 4].map(() => new DatasetStore(join(folder, 'root')));
  const datasets = await Promise.all(stores.map((store) => importAny(store, file)));
  expect(new Set(datasets.map(({ version }) => version))).toEqual(new Set([1]));
  expect(await readdir(join(folder, 'root', 'pets'))).toEqual(['1.packed']);
});

test('the files of a killed import do not block the next one and are removed', async () => {
  const folder = await temporaryFolder();
  const store = new DatasetStore(join(folder, 'root'));
  await mkdir(join(folder, 'root'), { recursive: true });
  const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
  for (const name of ['.pets.lock', '.import-dead.writing-1-x']) {
    await writeFile(join(folder, 'root', name), '');
    await utimes(join(folder, 'root', name), longAgo, longAgo);
  }
  await importAny(store, await makeTarGz(join(folder, 'pets.tar.gz'), await smallImageFolder()));
  expect(await readdir(join(folder, 'root'))).toEqual(['pets']);
  expect(await readdir(join(folder, 'root', 'pets'))).toEqual(['1.packed']);
});

test('an import that fails leaves nothing', async () => {
  const folder = await temporaryFolder();
  const store = new DatasetStore(join(folder, 'root'));
  const file = await makeTarGz(join(folder, 'pets.tar.gz'), await smallImageFolder());
  await truncate(file, 100);
  await expect(importAny(store, file, { name: 'pets' })).rejects.toThrow();
  expect(await readdir(join(folder, 'root'))).toEqual([]);
});

test('a damaged version is missing from the list, reported when it is requested, and imported again', async () => {
  const folder = await temporaryFolder();
  const store = new DatasetStore(join(folder, 'root'));
  const file = await makeTarGz(join(folder, 'pets.tar.gz'), await smallImageFolder());
  const dataset = await importAny(store, file);
  await truncate(store.file(dataset), 5000);
  expect(await store.list()).toEqual([]);
  await expect(store.find('pets')).rejects.toThrow('not a usable packed dataset');
  expect(await importAny(store, file)).toMatchObject({ version: 2, digest: dataset.digest });
});

test.each(['../out', '', 'UPPER', 'a/b', 'shapes'])('the name %j is refused', async (name) => {
  const folder = await temporaryFolder();
  const store = new DatasetStore(join(folder, 'root'));
  const file = await makeTarGz(join(folder, 'x.tar.gz'), await smallImageFolder());
  await expect(importAny(store, file, { name })).rejects.toThrow(/name must be|choose another/);
});

test('a path that does not exist is reported', async () => {
  const store = new DatasetStore(await temporaryFolder());
  await expect(importAny(store, '/nowhere/at/all')).rejects.toThrow('/nowhere/at/all does not exist');
});

test('a removed version is gone, and its number is never given to other content', async () => {
  const folder = await temporaryFolder();
  const store = new DatasetStore(join(folder, 'root'));
  const files = await smallImageFolder();
  await importAny(store, await makeTarGz(join(folder, 'a.tar.gz'), files), { name: 'pets' });
  files['train/red/2.png'] = await image('png', [180, 0, 0]);
  const file = await makeTarGz(join(folder, 'b.tar.gz'), files);
  await importAny(store, file, { name: 'pets' });
  expect(await store.remove('pets', 2)).toEqual([2]);
  expect(await store.find('pets', 2)).toBeNull();
  expect(await importAny(store, file, { name: 'pets' })).toMatchObject({ version: 3 });
  expect(await store.remove('pets')).toEqual([3, 1]);
  expect(await store.list()).toEqual([]);
  expect(await store.remove('pets')).toEqual([]);
  expect(await importAny(store, file, { name: 'pets' })).toMatchObject({ version: 4 });
});

test('a rename keeps versions and images, and takes no name that is in use or reserved', async () => {
  const folder = await temporaryFolder();
  const store = new DatasetStore(join(folder, 'root'));
  const file = await makeTarGz(join(folder, 'a.tar.gz'), await smallImageFolder());
  const { digest } = await importAny(store, file, { name: 'pets' });
  await importAny(store, file, { name: 'other' });
  await expect(store.rename('pets', 'other')).rejects.toThrow('the name other is or was in use');
  await expect(store.rename('pets', 'cifar10')).rejects.toThrow('reserved');
  await expect(store.rename('pets', 'pets')).rejects.toThrow('in use');
  await expect(store.rename('pets', 'shapes')).rejects.toThrow('reserved');
  await expect(store.rename('nothing', 'else')).rejects.toThrow('does not exist');
  expect(await store.rename('pets', 'animals')).toMatchObject([{ name: 'animals', version: 1, digest }]);
  expect(await store.find('pets')).toBeNull();
  const packed = await store.open('animals');
  expect(packed?.dataset.name).toBe('animals');
  expect((await packed?.readDetail())?.name).toBe('animals');
});

test('an import that is aborted removes what it wrote, and the same import can start at once', async () => {
  const folder = await temporaryFolder();
  const store = new DatasetStore(join(folder, 'root'));
  const file = await makeTarGz(join(folder, 'a.tar.gz'), await smallImageFolder());
  const stopping = new AbortController();
  const stopped = importAny(store, file, {}, ({ phase }) => phase === 'finishing' && stopping.abort(), stopping.signal);
  await expect(stopped).rejects.toThrow(/aborted/);
  expect(await readdir(join(folder, 'root'))).toEqual([]);
  expect(await importAny(store, file)).toMatchObject({ name: 'a', version: 1 });
});
