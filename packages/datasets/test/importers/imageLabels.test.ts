import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openArchive } from '../../src/archives/openArchive.js';
import { listSource } from '../../src/importers/index.js';
import { DatasetStore, importAny, openPacked } from '../../src/index.js';
import { image, makeFolder, temporaryFolder } from '../makeArchives.js';

/** Imports a folder `pets` of images and tables. @param texts path to content */
async function importWith(paths: string[], texts: Record<string, string | Buffer>, options = {}) {
  const root = await temporaryFolder();
  const store = new DatasetStore(join(root, 'store'));
  const files: Record<string, Buffer> = {};
  for (const [i, path] of paths.entries()) files[path] = await image('png', [i * 20, 0, 0]);
  for (const [path, text] of Object.entries(texts)) files[path] = Buffer.from(text as string);
  const dataset = await importAny(store, await makeFolder(join(root, 'pets'), files), options);
  return { dataset, packed: await openPacked(store.file(dataset)) };
}

const six = Array.from({ length: 6 }, (_, i) => `images/${i + 1}.png`);
const table = (header: string, row: (i: number) => string): string =>
  `${header}\n${Array.from({ length: 6 }, (_, i) => row(i + 1)).join('\n')}\n`;
const parity = (i: number): string => (i % 2 === 0 ? 'even' : 'odd');
const plain = table('file,label', (i) => `${i}.png,${parity(i)}`);

test('each image gets the label of its own row', async () => {
  const paths = ['train/1.png', 'train/2.png', 'train/3.png', 'test/4.png'];
  const rows = '3.png,b\n4.png,a\n1.png,a\n2.png,b\n';
  const { dataset, packed } = await importWith(paths, { 'labels.csv': `file,label\n${rows}` });
  const labels = [...(await packed.readLabels('train'))];
  const reds = [];
  for (let i = 0; i < 3; i++) reds.push((await packed.readImages('train', [i]))[0]);
  expect(dataset.classes).toEqual(['a', 'b']);
  expect(labels).toEqual([0, 1, 1]);
  expect(reds).toEqual([0, 20, 40]);
});

/** Split and class of the images whose paths match, as they are listed. */
async function listed(texts: Record<string, string>, paths: string[], shown: RegExp) {
  const files: Record<string, Buffer> = {};
  for (const path of paths) files[path] = Buffer.from('');
  for (const [path, text] of Object.entries(texts)) files[path] = Buffer.from(text);
  const folder = await makeFolder(join(await temporaryFolder(), 'set'), files);
  const { pictures } = await listSource(await openArchive(folder, {}), {});
  const matching = pictures.filter(({ name }) => shown.test(name));
  return Object.fromEntries(matching.map(({ name, split, className }) => [name, `${split} ${className}`]));
}

test('a list beside a flat validation split labels its images, and not those of other splits', async () => {
  const paths = ['train/n1/images/0.png', 'train/n2/images/0.png', 'val/images/0.png', 'val/images/1.png'];
  const texts = { 'val/val_annotations.txt': '0.png\tn2\t0\t1\t2\t3\n1.png\tn1\t0\t1\t2\t3\n' };
  expect(await listed(texts, paths, /./)).toEqual({
    'train/n1/images/0.png': 'train n1',
    'train/n2/images/0.png': 'train n2',
    'val/images/0.png': 'validation n2',
    'val/images/1.png': 'validation n1',
  });
});

test('a table with numbers labels a flat test split with the classes of the training folders', async () => {
  const paths = ['Train/stop/1.png', 'Train/yield/2.png', 'Test/3.png', 'Test/4.png'];
  const texts = {
    'Train.csv': 'ClassId,Path\n7,Train/stop/1.png\n8,Train/yield/2.png\n',
    'Test.csv': 'ClassId,Path\n8,Test/3.png\n7,Test/4.png\n',
  };
  expect(await listed(texts, paths, /Test/)).toEqual({ 'Test/3.png': 'test yield', 'Test/4.png': 'test stop' });
});

test('of images with one name, the table names the one in its own folder', async () => {
  const paths = ['train/1.png', 'train/2.png', 'test/1.png', 'test/2.png'];
  const texts = {
    'train/metadata.csv': 'file_name,label\n1.png,a\n2.png,b\n',
    'test/metadata.csv': 'file_name,label\n1.png,b\n2.png,a\n',
  };
  expect(await listed(texts, paths, /./)).toEqual({
    'train/1.png': 'train a',
    'train/2.png': 'train b',
    'test/1.png': 'test b',
    'test/2.png': 'test a',
  });
});

test.each([
  ['quotes and commas in cells', table('file,caption,label', (i) => `${i}.png,"a, ""b"" ${i}",${parity(i)}`)],
  ['tabs, Windows line ends and blanks', table('file\tlabel', (i) => `${i}.png \t ${parity(i)}\r`)],
  ['a line that names the delimiter', `sep=;\n${table('image;label', (i) => `${i}.png;${parity(i)}`)}`],
  ['UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(plain, 'utf16le')])],
  ['no header', plain.slice(plain.indexOf('\n') + 1)],
  ['numbers without the zeros of the files', table('id,label', (i) => `${i},${parity(i)}`)],
  ['a number and a name for each class', table('file,label,class', (i) => `${i}.png,${i % 2},${parity(i)}`)],
])('a table with %s names the classes', async (title, content) => {
  const paths = title.startsWith('numbers') ? six.map((path) => path.replace('/', '/0000')) : six;
  const { dataset } = await importWith(paths, { 'labels.csv': content });
  expect(dataset).toMatchObject({ classes: ['even', 'odd'], trainImages: 4, testImages: 2 });
});

test('a file of JSON names the classes', async () => {
  const list = Object.fromEntries(six.map((path, i) => [path, parity(i + 1)]));
  const { dataset } = await importWith(six, { 'labels.json': JSON.stringify(list) });
  expect(dataset.classes).toEqual(['even', 'odd']);
});

test('letters of Latin-1 in a table are read as such', async () => {
  const content = Buffer.from(
    table('file,label', (i) => `${i}.png,${i % 2 === 0 ? 'Bär' : 'Wal'}`),
    'latin1',
  );
  const { dataset } = await importWith(six, { 'labels.csv': content });
  expect(dataset.classes).toEqual(['Bär', 'Wal']);
});

test('rows without an image and images without a row are counted in warnings', async () => {
  const content = `${plain}7.png,odd\n8.png,odd\n`;
  const { dataset } = await importWith([...six, 'images/extra.png'], { 'labels.csv': content });
  expect(dataset.warnings).toContain('2 rows of labels.csv name images that are not there (like 7.png).');
  expect(dataset.warnings).toContain(
    '1 images are in no class folder and no table (like images/extra.png) and were left out.',
  );
});

test('an image with several classes cannot be used, and can be left out', async () => {
  const content = table('filename,even,odd', (i) => `${i}.png,${i === 2 ? '1,1' : `${1 - (i % 2)},${i % 2}`}`);
  await expect(importWith(six, { '_classes.csv': content })).rejects.toThrow(
    /one image that cannot be used: images\/2\.png has several classes in _classes\.csv \(even, odd\);.*--skip-bad/,
  );
  const { dataset } = await importWith(six, { '_classes.csv': content }, { skipBad: true });
  expect(dataset.trainImages + dataset.testImages).toBe(5);
});

test('a column for images without a class names no class', async () => {
  const content = table(
    'filename,even,odd,Unlabeled',
    (i) => `${i}.png,${i === 1 ? '0,0,1' : `${1 - (i % 2)},${i % 2},0`}`,
  );
  const { dataset } = await importWith(six, { '_classes.csv': content });
  expect(dataset).toMatchObject({ classes: ['even', 'odd'], trainImages: 3, testImages: 2 });
  expect(dataset.warnings).toContain('1 rows of _classes.csv name an image, but no class.');
});

test('the table that the user names is used, also against the folders', async () => {
  const paths = ['train/a/1.png', 'train/a/2.png', 'train/b/3.png', 'train/b/4.png'];
  const texts = { 'other.csv': 'file,kind\n1.png,x\n2.png,y\n3.png,x\n4.png,y\n' };
  expect((await importWith(paths, texts)).dataset.classes).toEqual(['a', 'b']);
  expect((await importWith(paths, texts, { labels: 'other.csv' })).dataset.classes).toEqual(['x', 'y']);
});

test.each([
  [
    'two tables that differ',
    { 'a.csv': plain, 'b.csv': table('file,label', (i) => `${i}.png,${i % 3}`) },
    '--labels a.csv',
  ],
  [
    'two columns that may be the class',
    { 'a.csv': table('file,size,taste', (i) => `${i}.png,${parity(i)},${i % 3}`) },
    'has several columns in a.csv that may be the class (size, taste); call one of them label',
  ],
  [
    'a table of other files',
    { 'a.csv': table('file,label', (i) => `x${i}.png,${parity(i)}`) },
    "(a.csv has none of the images' names); put",
  ],
  [
    'a quote that is not closed',
    { 'a.csv': 'file,label\n1.png,"a\n2.png,b\n' },
    'a.csv cannot be read as a table (Quote',
  ],
  ['a table of Excel', { 'a.xlsx': 'PK' }, 'a.xlsx is not read: save it as CSV'],
  [
    'several boxes for an image',
    { 'a.csv': `${table('filename,class,xmin', (i) => `${i}.png,${parity(i)},1`)}1.png,even,5\n` },
    'has bounding boxes (a.csv has several for one image)',
  ],
])('a source with %s is refused, and the error says what to do', async (_, texts, message) => {
  await expect(importWith(six, texts as Record<string, string>)).rejects.toThrow(message);
});

test('a table that is not there or names no classes is refused', async () => {
  const texts = { 'a.csv': plain, 'b.csv': 'file\n1.png\n' };
  await expect(importWith(six, texts, { labels: 'c.csv' })).rejects.toThrow('has no file c.csv; it has a.csv, b.csv');
  await expect(importWith(six, texts, { labels: 'b.csv' })).rejects.toThrow(
    'b.csv does not name classes of the images',
  );
});

test('names that cameras give are no classes', async () => {
  const paths = [1, 2, 3].flatMap((i) => [`IMG_100${i}.png`, `DSC_200${i}.png`]);
  await expect(importWith(paths, {})).rejects.toThrow('has 6 .png files, and nothing that names the classes');
});
