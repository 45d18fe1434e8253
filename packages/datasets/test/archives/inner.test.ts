import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import { expect, test } from 'vitest';
import { FileFault } from '../../src/archives/archive.js';
import { defaultArchiveLimits } from '../../src/archives/limits.js';
import { openArchive } from '../../src/archives/openArchive.js';
import { makeFolder, makeTarGz, makeZip, tarBytes, temporaryFolder } from '../makeArchives.js';

const text = (content: string) => Buffer.from(content);

async function zipOf(files: Record<string, Buffer>): Promise<Buffer> {
  return readFile(await makeZip(join(await temporaryFolder(), 'a.zip'), files));
}

async function kaggle() {
  return {
    'train.zip': await zipOf({ 'train/cat/1.png': text('one'), 'train/dog/1.png': text('two') }),
    'data/test.zip': await zipOf({ 'cat/1.png': text('three') }),
    'labels.csv': text('id,label\n'),
  };
}

const flat = ['data/test/cat/1.png', 'labels.csv', 'train/cat/1.png', 'train/dog/1.png'];

test.each(['folder', 'zip', 'tar.gz'])('archives within a %s are folders of their names', async (kind) => {
  const at = join(await temporaryFolder(), `set.${kind}`);
  const make = { folder: makeFolder, zip: makeZip, 'tar.gz': makeTarGz }[kind] as typeof makeFolder;
  await make(at, await kaggle());
  const archive = await openArchive(at);
  expect(archive.files.map(({ path }) => path).sort()).toEqual(flat);
  const found = new Map<string, string>();
  for await (const { path, read } of archive.read((each) => each !== 'train/dog/1.png')) {
    found.set(path, (await read()).toString());
  }
  expect(Object.fromEntries(found)).toEqual({
    'data/test/cat/1.png': 'three',
    'labels.csv': 'id,label\n',
    'train/cat/1.png': 'one',
  });
  await archive.close();
});

test('shards of a WebDataset are folders of their names', async () => {
  const folder = join(await temporaryFolder(), 'shards');
  const shard = await tarBytes({ '000.jpg': text('a'), '000.cls': text('0') });
  await makeFolder(folder, { 'train-0000.tar': shard, 'train-0001.tar': shard });
  const { files } = await openArchive(folder);
  expect(files.map(({ path }) => path)).toEqual([
    'train-0000/000.jpg',
    'train-0000/000.cls',
    'train-0001/000.jpg',
    'train-0001/000.cls',
  ]);
});

test('an archive beside pictures is a file like any other', async () => {
  const folder = await makeFolder(join(await temporaryFolder(), 'set'), {
    ...(await kaggle()),
    'train/cat/1.png': text('x'),
  });
  const { files } = await openArchive(folder);
  expect(files.map(({ path }) => path)).toEqual(['data/test.zip', 'labels.csv', 'train/cat/1.png', 'train.zip']);
});

test('limits count across the archives within', async () => {
  const file = await makeZip(join(await temporaryFolder(), 'set.zip'), await kaggle());
  const limits = { ...defaultArchiveLimits, entries: 4 };
  await expect(openArchive(file, { limits })).rejects.toThrow(/more than \d entries/);
});

test('an error of an archive within names both', async () => {
  const files = await kaggle();
  files['train.zip'] = files['train.zip'].subarray(0, 100);
  const file = await makeZip(join(await temporaryFolder(), 'set.zip'), files);
  const failure = openArchive(file);
  await expect(failure).rejects.toThrow(InvalidInputError);
  await expect(failure).rejects.toThrow(`${file}: train.zip cannot be read as a zip archive`);
});

test.each(['zip', 'tar.gz'])('files of a %s are unpacked for readers that jump, until it is closed', async (kind) => {
  const at = join(await temporaryFolder(), `set.${kind}`);
  await (kind === 'zip' ? makeZip : makeTarGz)(at, { 'a.parquet': text('PAR1'), 'b.parquet': text('PAR2') });
  const archive = await openArchive(at);
  const places = await archive.locate((path) => path === 'b.parquet');
  expect([...places.keys()]).toEqual(['b.parquet']);
  const place = places.get('b.parquet') as string;
  expect((await readFile(place)).toString()).toBe('PAR2');
  expect((await archive.locate(() => true)).get('b.parquet')).toBe(place);
  await archive.close();
  expect(existsSync(place)).toBe(false);
});

test('a file over the limit is a fault of that file, unless the reader allows more', async () => {
  const file = await makeZip(join(await temporaryFolder(), 'set.zip'), { 'a.bin': Buffer.alloc(100) });
  const limits = { ...defaultArchiveLimits, entryBytes: 50 };
  for await (const { read } of (await openArchive(file, { limits })).read()) {
    await expect(read()).rejects.toThrow(FileFault);
    await expect(read()).rejects.toThrow(/has 100 bytes, more than 50 are allowed/);
    expect(await read(100)).toHaveLength(100);
  }
});

test('an archive that changes between listing and reading is refused', async () => {
  const file = await makeZip(join(await temporaryFolder(), 'set.zip'), { 'a.bin': Buffer.alloc(100) });
  const archive = await openArchive(file);
  await writeFile(file, 'other');
  await expect(archive.read().next()).rejects.toThrow(/changed while it was read; import it again/);
});
