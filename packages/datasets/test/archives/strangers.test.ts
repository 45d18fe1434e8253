import { randomBytes } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { InvalidInputError } from '@trainyard/contracts';
import { expect, test } from 'vitest';
import { openArchive } from '../../src/archives/openArchive.js';
import { asOrdinaryUser, makeZip, temporaryFolder } from '../makeArchives.js';

async function fileWith(name: string, content: Buffer | string): Promise<string> {
  const file = join(await temporaryFolder(), name);
  await writeFile(file, content);
  return file;
}

test.each([
  ['set.zip', '<!DOCTYPE html><html><title>Sign in</title>', /is a web page.* with a browser/],
  ['set.zip', '{"error": "not found"}', /no folder and no \.tar.*text that begins with "\{\\"error\\"/],
  ['set.tar.gz', '', /no folder and no \.tar.*something else/],
  ['a.bin', Buffer.from('7z\xbc\xaf\x27\x1c\0\x04', 'latin1'), /is a 7z archive.*7z x/],
  ['a.zip', Buffer.from('Rar!\x1a\x07\x01\0', 'latin1'), /is a rar archive.*unrar x/],
  ['set.z01', Buffer.from('PK\x07\x08PK\x03\x04', 'latin1'), /one of several parts.*zip -s 0/],
  ['set.zip', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n', /Git LFS.*git lfs pull/],
])('%s with %j is refused by what it is', async (name, content, why) => {
  const file = await fileWith(name, content);
  await expect(openArchive(file)).rejects.toThrow(InvalidInputError);
  await expect(openArchive(file)).rejects.toThrow(why);
});

test('a file of any other kind is listed as itself', async () => {
  const file = await fileWith('train.csv', 'file,label\n');
  const archive = await openArchive(file);
  expect(archive).toMatchObject({ kind: 'file', files: [{ path: 'train.csv', bytes: 11 }] });
  for await (const { read, file: place } of archive.read()) {
    expect(place).toBe(file);
    expect((await read()).toString()).toBe('file,label\n');
  }
});

test('a zip without its end is called truncated, and why', async () => {
  const zip = await readFile(await makeZip(join(await temporaryFolder(), 'a.zip'), { 'a.bin': randomBytes(1000) }));
  const file = await fileWith('cut.zip', zip.subarray(0, 600));
  await expect(openArchive(file)).rejects.toThrow(/truncated or damaged \(its directory at the end is missing\)/);
});

test('the last part of a zip in several parts is refused with how to join them', async () => {
  const zip = await readFile(await makeZip(join(await temporaryFolder(), 'a.zip'), { 'a.bin': randomBytes(1000) }));
  zip.writeUInt16LE(2, zip.length - 22 + 4);
  await expect(openArchive(await fileWith('set.zip', zip))).rejects.toThrow(/one of several parts.*zip -s 0/);
});

test('a compressed file that is cut is called truncated', async () => {
  const packed = gzipSync(randomBytes(1000));
  const file = await fileWith('labels.gz', packed.subarray(0, 500));
  await expect(openArchive(file)).rejects.toThrow(
    /cannot be read as a .*gz.*truncated or damaged \(it ends too early\)/,
  );
});

test('an archive without permission is not called damaged', async () => {
  const folder = await temporaryFolder();
  const file = await makeZip(join(folder, 'a.zip'), { 'a.bin': randomBytes(10) });
  await chmod(file, 0);
  await asOrdinaryUser(folder, () => expect(openArchive(file)).rejects.toThrow(/cannot be read \(EACCES\): .*chmod/));
});
