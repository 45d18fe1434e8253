import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import { expect, test } from 'vitest';
import type { Archive } from '../../src/archives/archive.js';
import { openArchive } from '../../src/archives/openArchive.js';

/** Archives made by real tools (data/archives/make.py), whose files contain the path that is to be shown for them. */
const made = (name: string) => fileURLToPath(new URL(`../data/archives/${name}`, import.meta.url));

/** Path to content, of all that can be read. */
async function contents({ read }: Archive): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const file of read()) {
    if (file.unreadable === undefined) found.set(file.path, (await file.read()).toString());
  }
  return found;
}

const classesOf = (archive: Archive) => [...new Set(archive.files.map(({ path }) => path.split('/')[1]))];

test.each([
  ['gbk.zip', ['猫咪', '小狗', '青蛙', '大象车'], /GBK.*train\/猫咪\/1\.txt/],
  ['big5.zip', ['貓咪', '小狗', '青蛙', '大象車'], /Big5/],
  ['shift_jis.zip', ['ネコ', 'いぬ', '表示', '予想'], /Shift JIS/],
  ['euc-kr.zip', ['고양이', '강아지', '개구리'], /EUC-KR/],
  ['cp850.zip', ['Bär', 'Bör', 'Bür', 'Hund'], /code page 850/],
  ['cp866.zip', ['Кошки', 'Собаки', 'Птицы'], /code page 866/],
  ['windows-1251.zip', ['Кошки', 'Собаки', 'Птицы'], /Windows-1251/],
  ['latin1.tar', ['Bär', 'Bör', 'Bür', 'Größe'], /Latin-1/],
])('%s has its classes, and a note on the code page of their names', async (name, classes, note) => {
  const archive = await openArchive(made(name));
  expect(classesOf(archive)).toEqual(classes);
  expect(archive.notes).toEqual([expect.stringMatching(note)]);
  for (const [path, content] of await contents(archive)) expect(path).toBe(content);
});

test.each([
  'utf8-unmarked.zip',
  'infozip.zip',
  'nfd.zip',
  'backslash.zip',
  'bzip2.zip',
  'v7.tar',
  'ustar.tar',
  'gnu.tar',
  'pax.tar',
  'set.tar.bz2',
  'set.tar.xz',
])('%s is read like any other, without a word', async (name) => {
  const archive = await openArchive(made(name));
  const found = [...(await contents(archive))];
  expect(found.length).toBeGreaterThanOrEqual(3);
  expect(found.map(([path]) => path)).toEqual(found.map(([, content]) => content));
  expect([...archive.notes, ...archive.warnings]).toEqual([]);
});

test.each(['links.tar', 'links.zip'])('links of %s are read where they lead to a file of it', async (name) => {
  const archive = await openArchive(made(name));
  const found = Object.fromEntries(await contents(archive));
  const inside = ['1', '2', '5', '6'].map((number) => `train/cat/${number}.txt`);
  expect(found).toEqual(Object.fromEntries(inside.map((path) => [path, 'train/cat/1.txt'])));
  const outside = archive.files.filter(({ unreadable }) => unreadable !== undefined);
  expect(outside.map(({ path }) => path).sort()).toEqual(['train/cat/3.txt', 'train/cat/4.txt', 'train/cat/7.txt']);
  expect(outside[0]?.unreadable).toMatch(/leads to no file of the archive; .*--dereference/);
});

test('hard links of a tar are read as what they lead to', async () => {
  const found = await contents(await openArchive(made('hard-links.tar')));
  expect([...found].sort()).toEqual([
    ['train/cat/1.txt', 'train/cat/1.txt'],
    ['train/cat/2.txt', 'train/cat/1.txt'],
  ]);
});

test.each([
  ['encrypted.zip', /is encrypted; pack it without a password/],
  ['nfc-and-nfd.zip', /contains "train\/café\/1\.txt" in two spellings/],
  ['unknown-names.zip', /names are neither UTF-8 nor in a code page .* UTF-8 names: 7z a -mcu=on/],
  ['latin1-pax.tar', /is not UTF-8; pack it again with tar --format=gnu/],
])('%s is refused with what to do', async (name, why) => {
  await expect(openArchive(made(name))).rejects.toThrow(why);
});

test('files with a compression that cannot be read are listed with the reason', async () => {
  const { files } = await openArchive(made('lzma.zip'));
  expect(files).toHaveLength(4);
  for (const { unreadable } of files)
    expect(unreadable).toMatch(/uses LZMA compression within the zip.*zip -r set\.zip/);
});

test('set.tar.zst is read where Node can, and refused with what to do elsewhere', async () => {
  const opened = openArchive(made('set.tar.zst'));
  if ('createZstdDecompress' in zlib) expect(classesOf(await opened)).toContain('cat');
  else await expect(opened).rejects.toThrow(/zstd, which this version of Node cannot read; unpack it \(zstd -d/);
});

test.each(['gz', 'bz2', 'xz'])(
  'a single file that is compressed as .%s is read without that ending',
  async (ending) => {
    const archive = await openArchive(made(`train-labels-idx1-ubyte.${ending}`));
    expect(archive).toMatchObject({ kind: 'file', files: [{ path: 'train-labels-idx1-ubyte', bytes: 12 }] });
    expect([...(await contents(archive)).values()]).toEqual(['\0\0\b\u0001\0\0\0\u0004\u0001\u0002\u0003\u0004']);
  },
);

test.each(['bz2', 'xz'])('several streams in one .%s file are read as one content', async (ending) => {
  const found = await contents(await openArchive(made(`streams-labels.${ending}`)));
  expect([...found]).toEqual([['streams-labels', '\0\0\b\u0001\0\0\0\u0004\u0001\u0002\u0003\u0004']]);
});
