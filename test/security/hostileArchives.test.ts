import { readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { InvalidInputError } from '@trainyard/contracts';
import { type ArchiveLimits, DatasetStore, defaultArchiveLimits } from '@trainyard/datasets';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type Files,
  image,
  makeFolder,
  makeTarGz,
  makeZip,
  smallImageFolder,
  tarBytes,
  temporaryFolder,
} from '../../packages/datasets/test/makeArchives.js';

let folder: string;
let files: Files;
beforeEach(async () => {
  folder = await temporaryFolder();
  files = await smallImageFolder();
});

// After every attempt: no file outside the store, and no dataset and no partial file in it.
afterEach(async () => {
  const left = (await readdir(join(folder, 'root'), { recursive: true }).catch(() => [])).filter((f) =>
    f.includes('.'),
  );
  expect(left).toEqual([]);
  expect((await readdir(folder)).filter((name) => name.includes('evil'))).toEqual([]);
});

async function expectRefusal(file: string, why: RegExp, limits: Partial<ArchiveLimits> = {}): Promise<void> {
  const store = new DatasetStore(join(folder, 'root'), { limits: { ...defaultArchiveLimits, ...limits } });
  const failure = store.import({ kind: 'archive', path: file, options: { name: 'victim' } });
  await expect(failure).rejects.toThrow(InvalidInputError);
  await expect(failure).rejects.toThrow(why);
  await expect(failure).rejects.toThrow(file);
}

/** Changes a name in a zip to one that no archiver would write; both names must have the same length. */
async function renameInZip(file: string, from: string, to: string): Promise<void> {
  expect(to.length).toBe(from.length);
  const bytes = (await readFile(file)).toString('latin1').replaceAll(from, to);
  await writeFile(file, Buffer.from(bytes, 'latin1'));
}

test.each([
  ['../../evil.png', /leaves the archive/],
  ['/tmp/evils.png', /absolute path/],
  ['C:/x/evils.png', /absolute path/],
  ['..\\..\\evil.png', /backslash/],
  ['a/\u0000/evil.png', /control character/],
])('a zip with the path %j is refused', async (path, why) => {
  const harmless = 'x'.repeat(path.length);
  const file = await makeZip(join(folder, 'a.zip'), { ...files, [harmless]: Buffer.from('x') });
  await renameInZip(file, harmless, path);
  await expectRefusal(file, why);
});

test.each([
  ['../evil.png', /leaves the archive/],
  ['train/red/../../../evil.png', /leaves the archive/],
  ['/tmp/evil.png', /absolute path/],
  [`${'a/'.repeat(40)}evil.png`, /deeper than 32/],
  [`train/red/${'e'.repeat(1100)}.png`, /longer than 1024/],
])('a tar with the path %j is refused', async (path, why) => {
  await expectRefusal(await makeTarGz(join(folder, 'a.tar.gz'), { ...files, [path]: Buffer.from('x') }), why);
});

test.each(['symlink', 'link', 'character-device', 'fifo'] as const)('a tar with a %s is refused', async (type) => {
  const odd = [{ name: 'train/red/evil.png', type, linkname: '/etc/passwd' }];
  await expectRefusal(await makeTarGz(join(folder, 'a.tar.gz'), files, odd), /is a link or a device/);
});

test('a zip with a symlink is refused', async () => {
  const file = await makeZip(
    join(folder, 'a.zip'),
    { ...files, 'train/red/evil.png': Buffer.from('/etc/passwd') },
    { 'train/red/evil.png': 0o120777 },
  );
  await expectRefusal(file, /is a link or a device/);
});

test('a folder with a symlink is refused', async () => {
  await makeFolder(join(folder, 'data'), files);
  await symlink('/etc/passwd', join(folder, 'data', 'train', 'red', 'x.png'));
  await expectRefusal(join(folder, 'data'), /is a link that leaves the folder/);
});

test('a name that occurs twice is refused', async () => {
  const again = { ...files, './train//red/1.png': Buffer.from('x') };
  await expectRefusal(await makeTarGz(join(folder, 'a.tar.gz'), again), /contains "train\/red\/1\.png" twice/);
});

test('a tar.gz bomb is refused long before it is unpacked', async () => {
  const bomb = { ...files, 'train/red/bomb.png': Buffer.alloc(60 * 1024 ** 2) };
  await expectRefusal(await makeTarGz(join(folder, 'a.tar.gz'), bomb), /more than 100 times its size/);
});

test('a zip bomb is refused by the sizes that it states', async () => {
  const bomb = { ...files, 'train/red/bomb.png': Buffer.alloc(60 * 1024 ** 2) };
  await expectRefusal(await makeZip(join(folder, 'a.zip'), bomb), /more than 100 times its size/);
});

test('a zip entry that unpacks to more than it states is refused', async () => {
  const file = await makeZip(join(folder, 'a.zip'), { ...files, 'train/red/liar.png': Buffer.alloc(70_003) });
  const bytes = await readFile(file);
  const stated = Buffer.alloc(4);
  stated.writeUInt32LE(70_003);
  const less = Buffer.alloc(4);
  less.writeUInt32LE(3);
  for (let at = bytes.indexOf(stated); at >= 0; at = bytes.indexOf(stated, at)) less.copy(bytes, at);
  await writeFile(file, bytes);
  await expectRefusal(file, /truncated or damaged/);
});

test('a zip whose bytes were changed is refused by its checksum', async () => {
  const noisy = await image('png', [50, 50, 50], { width: 64, height: 64, noise: 200 });
  const file = await makeZip(join(folder, 'a.zip'), { ...files, 'train/red/2.png': noisy });
  const bytes = await readFile(file);
  const middle = bytes.indexOf('train/red/2.png') + noisy.length / 2;
  bytes[Math.floor(middle)] = (bytes[Math.floor(middle)] as number) ^ 1;
  await writeFile(file, bytes);
  await expectRefusal(file, /train\/red\/2\.png is damaged within the zip archive|size/);
});

test.each([
  [{ entries: 4 }, /more than 4 entries/],
  [{ totalBytes: 200 }, /more than 200 bytes/],
  [{ entryBytes: 50 }, /more than 50 are allowed in one file/],
] as const)('an archive over the limits %j is refused in every format', async (limits, why) => {
  await expectRefusal(await makeTarGz(join(folder, 'a.tar.gz'), files), why, limits);
  await expectRefusal(await makeZip(join(folder, 'a.zip'), files), why, limits);
  await expectRefusal(await makeFolder(join(folder, 'data'), files), why, limits);
});

test.each([0.2, 0.5, 0.9, 0.99])(
  'a tar.gz, a tar and a zip cut at %d of their length are refused as truncated',
  async (share) => {
    files['train/red/2.png'] = await image('png', [50, 50, 50], { width: 100, height: 100, noise: 200 });
    await writeFile(join(folder, 'b.tar'), await tarBytes(files));
    for (const file of [
      await makeTarGz(join(folder, 'a.tar.gz'), files),
      join(folder, 'b.tar'),
      await makeZip(join(folder, 'c.zip'), files),
    ]) {
      await truncate(file, Math.floor((await stat(file)).size * share));
      await expectRefusal(file, /truncated or damaged/);
    }
  },
);

test('a tar cut exactly between two entries is refused as truncated', async () => {
  const whole = await tarBytes(files);
  await writeFile(join(folder, 'a.tar.gz'), gzipSync(whole.subarray(0, 2 * 1024)));
  await expectRefusal(join(folder, 'a.tar.gz'), /its end mark is missing/);
});

test('an image with huge dimensions is refused before it is decoded', async () => {
  files['train/blue/2.png'] = await image('png', [0, 0, 0], { width: 6000, height: 6000 });
  const file = await makeZip(join(folder, 'a.zip'), files);
  await expectRefusal(file, /train\/blue\/2\.png has 6000x6000 pixels/);
});

test('an SVG, which could name other files, is refused', async () => {
  files['train/blue/2.png'] = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/passwd"/></svg>');
  await expectRefusal(await makeZip(join(folder, 'a.zip'), files), /train\/blue\/2\.png is an SVG drawing/);
});

test.each(['', 'hello', '\x1f\x8bhello', 'PK\x03\x04hello'])('a file with the bytes %j is refused', async (content) => {
  await writeFile(join(folder, 'a.tar.gz'), Buffer.from(content, 'latin1'));
  await expectRefusal(join(folder, 'a.tar.gz'), /no folder and no \.tar|truncated or damaged/);
});
