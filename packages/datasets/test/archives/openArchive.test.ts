import { randomBytes } from 'node:crypto';
import { readdir, readFile, readlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import { expect, test, vi } from 'vitest';
import type { OpenedFile } from '../../src/archives/archive.js';
import { openArchive } from '../../src/archives/openArchive.js';
import { type Files, makeFolder, makeTarGz, makeZip, tarBytes, temporaryFolder } from '../makeArchives.js';

// Not compressible, and larger than the readers' buffers: a reader that stops early leaves most of the file unread.
const files: Files = Object.fromEntries(['a', 'b', 'c'].map((name) => [`${name}/1.bin`, randomBytes(1024 * 1024)]));

const makers = {
  'a.tar': async (file: string) => writeFile(file, await tarBytes(files)),
  'a.tar.gz': (file: string) => makeTarGz(file, files),
  'a.zip': (file: string) => makeZip(file, files),
  folder: (file: string) => makeFolder(file, files),
};

async function make(name: keyof typeof makers): Promise<string> {
  const file = join(await temporaryFolder(), name);
  await makers[name](file);
  return file;
}

/** How many descriptors of this process are open on the file. */
async function openDescriptors(file: string): Promise<number> {
  const names = await readdir('/proc/self/fd');
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return targets.filter((target) => target === file).length;
}

async function* readAll(path: string): AsyncGenerator<OpenedFile> {
  yield* (await openArchive(path)).read();
}

const kinds = Object.keys(makers) as (keyof typeof makers)[];

test.each(kinds)('every file of %s is yielded in order with its size and content', async (name) => {
  const found: [string, number, boolean][] = [];
  for await (const { path, bytes, read } of readAll(await make(name))) {
    found.push([path, bytes, (await read()).equals(files[path] ?? Buffer.alloc(0))]);
  }
  expect(found).toEqual(Object.keys(files).map((path) => [path, 1024 * 1024, true]));
});

test.each(kinds)('files of %s may be left unread', async (name) => {
  const paths: string[] = [];
  for await (const { path } of readAll(await make(name))) paths.push(path);
  expect(paths).toEqual(Object.keys(files));
});

test.each(kinds)('a loop over %s that ends early closes the file', async (name) => {
  const file = await make(name);
  for await (const entry of readAll(file)) {
    expect(entry.path).toBe('a/1.bin');
    break;
  }
  await vi.waitFor(async () => expect(await openDescriptors(file)).toBe(0));
});

test('an error of the loop is passed on unchanged, one of the archive names the archive', async () => {
  const file = await make('a.zip');
  const own = new Error('of the loop');
  const loop = async (act: () => Promise<unknown>) => {
    for await (const { read } of readAll(file)) {
      await read();
      await act();
    }
  };
  await expect(loop(() => Promise.reject(own))).rejects.toBe(own);
  await truncate(file, Math.floor((await readFile(file)).length / 2));
  await expect(loop(() => Promise.resolve())).rejects.toThrow(InvalidInputError);
  await expect(loop(() => Promise.resolve())).rejects.toThrow(/a\.zip cannot be read as a zip archive/);
});
