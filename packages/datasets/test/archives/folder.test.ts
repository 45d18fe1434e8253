import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { FileFault } from '../../src/archives/archive.js';
import { identifyArchive, openArchive } from '../../src/archives/openArchive.js';
import { listSource } from '../../src/importers/index.js';
import { asOrdinaryUser, makeFolder, makeZip, temporaryFolder } from '../makeArchives.js';

const content = Buffer.from('content');
const pathsOf = ({ files }: { files: { path: string }[] }) => files.map(({ path }) => path);

async function folderWith(...paths: string[]): Promise<string> {
  const folder = join(await temporaryFolder(), 'data');
  return makeFolder(folder, Object.fromEntries(paths.map((path) => [path, content])));
}

/** A folder with names that are bytes of Latin-1, which no text of Node can name. */
function addLatin1(folder: string, ...paths: string[]): void {
  for (const path of paths) {
    const escaped = path.replaceAll(/[^ -~]/g, (letter) => `\\${letter.charCodeAt(0).toString(8)}`);
    const script = 'cd "$0" && p=$(printf "$1") && mkdir -p "$(dirname "$p")" && printf %s "$2" > "$p"';
    execFileSync('bash', ['-c', script, folder, escaped, path], { env: { ...process.env, LC_ALL: 'C' } });
  }
}

test('what is beside the data is neither listed nor entered', async () => {
  const folder = await folderWith(
    'train/cat/1.png',
    '.git/objects/pack/1.pack',
    'train/cat/.ipynb_checkpoints/1.png',
    'train/@eaDir/1.png',
    'node_modules/a/b/c/d/e/f/g/h/i/j/k/l/m/n/1.png',
    'venv/lib/1.png',
    'train/cat/Thumbs.db',
    'train/cat/._1.png',
    '#recycle/2.png',
    'train/__MACOSX/1.png',
  );
  await symlink('/usr/bin/python3', join(folder, 'venv', 'python'));
  await truncate(join(folder, 'venv', 'lib', '1.png'), 2 ** 40);
  expect(pathsOf(await openArchive(folder))).toEqual(['train/cat/1.png']);
});

test('a large file beside the data is listed, and refused only when it is read', async () => {
  const folder = await folderWith('train/cat/1.png', 'archive.bin');
  await truncate(join(folder, 'archive.bin'), 2 ** 30);
  const archive = await openArchive(folder);
  expect(pathsOf(archive)).toEqual(['archive.bin', 'train/cat/1.png']);
  for await (const { path, read } of archive.read()) {
    if (path === 'archive.bin') await expect(read()).rejects.toThrow(FileFault);
    else expect(await read()).toEqual(content);
  }
});

test('links that stay inside the folder are followed', async () => {
  const folder = await folderWith('.store/1.png', '.store/birds/2.png', 'train/cat/3.png');
  await symlink('../../.store/1.png', join(folder, 'train', 'cat', '1.png'));
  await symlink('../.store/birds', join(folder, 'train', 'bird'));
  const archive = await openArchive(folder);
  expect(pathsOf(archive)).toEqual(['train/bird/2.png', 'train/cat/1.png', 'train/cat/3.png']);
  for await (const { read } of archive.read()) expect(await read()).toEqual(content);
});

test('links that leave, lead nowhere or lead to themselves are faults of their files', async () => {
  const folder = await folderWith('train/cat/1.png');
  const cat = join(folder, 'train', 'cat');
  await symlink('/etc/passwd', join(cat, '2.png'));
  await symlink('gone.png', join(cat, '3.png'));
  await symlink('4.png', join(cat, '4.png'));
  execFileSync('mkfifo', [join(cat, '5.png')]);
  const archive = await openArchive(folder);
  expect(archive.files.map(({ unreadable }) => unreadable)).toEqual([
    undefined,
    expect.stringMatching(/is a link that leaves the folder; .*cp -rL/),
    expect.stringMatching(/is a link to a file that does not exist/),
    expect.stringMatching(/is a link that leads to itself/),
    expect.stringMatching(/is a device or a socket/),
  ]);
  for await (const { path, read } of archive.read((each) => each.endsWith('2.png'))) {
    expect(path).toBe('train/cat/2.png');
    await expect(read()).rejects.toThrow(/leaves the folder/);
  }
});

test('a link to a folder that contains it is left out with a warning', async () => {
  const folder = await folderWith('train/cat/1.png');
  await symlink('../../train', join(folder, 'train', 'cat', 'again'));
  const archive = await openArchive(folder);
  expect(pathsOf(archive)).toEqual(['train/cat/1.png']);
  expect(archive.warnings).toEqual([expect.stringMatching(/train\/cat\/again is a link to a folder that contains it/)]);
});

test('links to folders outside are left out with a warning, which an import without other images shows', async () => {
  const folder = await folderWith('README.md');
  const outside = await folderWith('cat/1.png', 'dog/1.png');
  await symlink(outside, join(folder, 'train'));
  const archive = await openArchive(folder);
  expect(pathsOf(archive)).toEqual(['README.md']);
  expect(archive.warnings).toEqual([expect.stringMatching(/The folder train was left out.*leaves the folder.*cp -rL/)]);
  await expect(listSource(archive, {})).rejects.toThrow(/nothing that can be imported.*The folder train was left out/s);
});

test('folder names in Latin-1 are decoded, and stay different', async () => {
  const folder = await folderWith('train/Hund/1.png');
  addLatin1(folder, 'train/Bär/1.png', 'train/Bör/1.png', 'train/Größe/ä.png');
  const archive = await openArchive(folder);
  expect(pathsOf(archive)).toEqual(['train/Bär/1.png', 'train/Bör/1.png', 'train/Größe/ä.png', 'train/Hund/1.png']);
  expect(archive.notes).toEqual([expect.stringMatching(/not UTF-8 and were read as Latin-1/)]);
  for await (const { path, read, file } of archive.read((each) => !each.includes('Hund'))) {
    expect((await read()).toString()).toBe(path);
    expect(file).toBeNull();
  }
});

test('a name in Latin-1 that equals one in UTF-8 is refused, not merged', async () => {
  const folder = await folderWith('train/Bär/1.png');
  addLatin1(folder, 'train/Bär/1.png');
  await expect(openArchive(folder)).rejects.toThrow(/contains "train\/Bär\/1\.png" in two spellings.*rename/);
});

test("macOS's form of letters is read as everybody else's", async () => {
  const folder = await folderWith('train/cafe\u0301/1.png', 'test/caf\u00e9/1.png');
  const archive = await openArchive(folder);
  expect(pathsOf(archive)).toEqual(['test/caf\u00e9/1.png', 'train/caf\u00e9/1.png']);
  for await (const { read } of archive.read()) expect(await read()).toEqual(content);
  await makeFolder(folder, { 'train/caf\u00e9/1.png': content });
  await expect(openArchive(folder)).rejects.toThrow(/in two spellings that look alike/);
});

test('what this user may not read is named with the remedy', async () => {
  const folder = await folderWith('train/cat/1.png', 'train/dog/1.png');
  await chmod(join(folder, 'train', 'cat', '1.png'), 0);
  await chmod(join(folder, 'train', 'dog'), 0);
  const warnings = await asOrdinaryUser(dirname(folder), async () => {
    const archive = await openArchive(folder);
    expect(pathsOf(archive)).toEqual(['train/cat/1.png']);
    for await (const { read } of archive.read()) {
      await expect(read()).rejects.toThrow(/train\/cat\/1\.png cannot be read \(EACCES\): .*chmod/);
    }
    return archive.warnings;
  });
  await chmod(join(folder, 'train', 'dog'), 0o755);
  expect(warnings).toEqual([expect.stringMatching(/The folder train\/dog was left out.*EACCES.*chmod/)]);
});

test('a file that vanishes during the import is a fault that says so', async () => {
  const folder = await folderWith('train/cat/1.png');
  const archive = await openArchive(folder);
  await rm(join(folder, 'train', 'cat', '1.png'));
  for await (const { read } of archive.read()) {
    await expect(read()).rejects.toThrow(
      /train\/cat\/1\.png cannot be read \(ENOENT\): it was removed while it was read/,
    );
  }
});

test('a folder is known by its content, also where size and time of a changed file are the old ones', async () => {
  const folder = await folderWith('train/cat/1.png');
  const file = join(folder, 'train', 'cat', '1.png');
  const settled = () => vi.waitFor(async () => expect((await identifyArchive(folder)).digest).not.toBeNull(), 5000);
  expect((await identifyArchive(folder)).digest).toBeNull();
  await settled();
  const { digest } = await identifyArchive(folder);
  expect((await identifyArchive(folder)).digest).toBe(digest);
  const { mtime } = await stat(file);
  await writeFile(file, 'CONTENT');
  await utimes(file, mtime, mtime);
  await settled();
  expect((await identifyArchive(folder)).digest).not.toBe(digest);
});

test('an archive is known by its bytes', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'a'));
  await writeFile(join(folder, 'x.bin'), 'x');
  await writeFile(join(folder, 'a', 'y.bin'), 'x');
  await writeFile(join(folder, 'z.bin'), 'z');
  const digests = await Promise.all(
    ['x.bin', 'a/y.bin', 'z.bin'].map(async (name) => (await identifyArchive(join(folder, name))).digest),
  );
  expect(digests[0]).toBe(digests[1]);
  expect(digests[0]).not.toBe(digests[2]);
});

test('a hidden folder that no tool made is left out with a warning, in folders and archives alike', async () => {
  const folder = await folderWith('cat/1.png', '.dog/2.png', '.git/3.png', '.ipynb_checkpoints/4.png');
  const warnings = ['The hidden folder .dog was left out; rename it without the dot where it belongs to the set.'];
  expect((await openArchive(folder)).warnings).toEqual(warnings);
  const files = { 'cat/1.png': content, '.dog/2.png': content, '.git/3.png': content };
  const file = await makeZip(join(await temporaryFolder(), 'a.zip'), files);
  expect((await openArchive(file)).warnings).toEqual(warnings);
});
