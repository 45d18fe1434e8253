import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DatasetStore, importAny, openPacked } from '../../src/index.js';
import {
  type Files,
  image,
  makeFolder,
  makeTarGz,
  makeZip,
  smallImageFolder,
  tarBytes,
  temporaryFolder,
} from '../makeArchives.js';

async function importFiles(files: Files, options = {}) {
  const folder = await temporaryFolder();
  const store = new DatasetStore(join(folder, 'root'));
  const file = await makeTarGz(join(folder, 'Pets (2).tar.gz'), files);
  const dataset = await importAny(store, file, options);
  return { dataset, packed: await openPacked(store.file(dataset)) };
}

test.each(['png', 'webp', 'jpeg'] as const)('a folder of %s files becomes classes and pixels', async (format) => {
  const { dataset, packed } = await importFiles(await smallImageFolder(format));
  expect(dataset).toMatchObject({ name: 'pets-2', classes: ['blue', 'red'], imageShape: [8, 8, 3] });
  expect([...(await packed.readLabels('train'))]).toEqual([0, 0, 1]);
  expect([...(await packed.readLabels('test'))]).toEqual([0, 1]);
  const [red, green, blue] = await packed.readImages('train', [2]);
  expect(red).toBeGreaterThan(195);
  expect(Math.max(Number(green), Number(blue))).toBeLessThan(5);
});

test('tar, tar.gz, zip and folder have the same digest, with or without a top folder and stray files', async () => {
  const folder = await temporaryFolder();
  const store = new DatasetStore(join(folder, 'root'));
  const files = await smallImageFolder();
  const above = await smallImageFolder('png', 'my-pets/');
  const litter = { 'my-pets/.DS_Store': Buffer.from('x'), 'my-pets/train/red/._1.png': Buffer.from('x') };
  const backwards = Object.fromEntries(Object.entries(above).reverse());
  await writeFile(join(folder, 'a.tar'), await tarBytes(files));
  const sources = [
    join(folder, 'a.tar'),
    await makeTarGz(join(folder, 'b.tgz'), { ...above, ...litter }),
    await makeZip(join(folder, 'c.zip'), backwards),
    await makeFolder(join(folder, 'd'), { ...files, 'README.md': Buffer.from('about') }),
  ];
  const datasets = [];
  for (const source of sources) datasets.push(await importAny(store, source));
  expect(datasets.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
  expect(new Set(datasets.map(({ digest }) => digest)).size).toBe(1);
});

test('images of several sizes are refused by name, or scaled when a size is given', async () => {
  const files = await smallImageFolder();
  files['train/blue/2.png'] = await image('png', [0, 0, 200], { width: 20, height: 10 });
  await expect(importFiles(files)).rejects.toThrow(/train\/blue\/2\.png has 20x10 pixels, but most have 8x8.*--size/);
  const { dataset } = await importFiles(files, { size: '4x6' });
  expect(dataset.imageShape).toEqual([6, 4, 3]);
});

test.each([
  ['one class', ['train/a/1.png', 'test/a/1.png'], 'only the class a'],
  [
    'a test class that is not trained',
    ['train/a/1.png', 'train/b/1.png', 'test/c/1.png'],
    'training images of the classes c',
  ],
  [
    'several sets',
    ['x/train/a/1.png', 'y/train/a/1.png'],
    'contains several datasets (x, y); unpack it and import one of these folders',
  ],
  ['several sets in class folders', ['rgb/a/1.png', 'rgb/b/1.png', 'gray/a/1.png', 'gray/b/1.png'], '(gray, rgb)'],
  [
    'images in no folder',
    ['1.png', '2.png'],
    'has 2 .png files, and nothing that names the classes of the images; put',
  ],
  ['images in one folder', ['images/1.png', 'images/2.png'], 'has all its images in one folder (images/), and nothing'],
  ['only a test split', ['test/a/1.png', 'test/b/1.png'], '(0 train, 0 validation, 2 test); add some, or let all be s'],
  ['splits without classes', ['train/1.png', 'val/1.png'], 'has 2 .png files in train/ and val/, and nothing that'],
  ['boxes', ['train/images/1.png', 'train/labels/1.txt'], 'has bounding boxes (train/labels/1.txt), not a class for'],
])('a folder with %s is refused, and the error says what to do', async (_, paths, message) => {
  const picture = await image('png', [1, 2, 3]);
  await expect(importFiles(Object.fromEntries(paths.map((path) => [path, picture])))).rejects.toThrow(message);
});

test('a file that is not an image is refused by name', async () => {
  const files = { ...(await smallImageFolder()), 'train/red/notes': Buffer.from('not an image at all') };
  await expect(importFiles(files)).rejects.toThrow(/train\/red\/notes is /);
});

test.each(['jpeg', 'png'] as const)('a %s that is cut short is refused by name', async (format) => {
  const files = await smallImageFolder(format);
  const whole = await image(format, [9, 9, 9], { noise: 200 });
  files[`train/blue/2.${format}`] = whole.subarray(0, whole.length * 0.7);
  await expect(importFiles(files)).rejects.toThrow(/train\/blue\/2\.\w+ is /);
});

test('class folders without an image are named in a warning', async () => {
  const folder = await temporaryFolder();
  const store = new DatasetStore(join(folder, 'root'));
  const files = await smallImageFolder();
  const above = await smallImageFolder('png', 'pets/');
  const warning = '1 class folders have no images (train/green) and were left out; add images or remove the folders.';
  const pets = await makeFolder(join(folder, 'pets'), files);
  await mkdir(join(pets, 'train/green'));
  expect((await importAny(store, pets)).warnings).toContain(warning);
  const tar = join(folder, 'packed.tar');
  await writeFile(tar, await tarBytes(above, [{ name: 'pets/train/green/', type: 'directory' }]));
  expect((await importAny(store, tar)).warnings).toContain(warning.replace('train/green', 'pets/train/green'));
  const { dataset } = await importFiles({ ...files, 'train/green/notes.txt': Buffer.from('none yet') });
  expect(dataset.warnings).toContain(warning);
});

test.each([
  ['train-00000-of-00002.tfrecord', /belongs to TFRecord files.*to_parquet/],
  ['set.lance/data/0.lance', /belongs to a Lance dataset/],
  ['db/data.mdb', /belongs to an LMDB database/],
  ['galaxy.h5', /belongs to an HDF5 file.*numpy\.savez/],
  ['train.pt', /can be any Python object/],
])('a source with %s is refused by the name of its format, with what to do', async (path, message) => {
  await expect(importFiles({ [path]: Buffer.from('x'), 'README.md': Buffer.from('about') })).rejects.toThrow(message);
});
