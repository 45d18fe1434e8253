import type { ImportOptions } from '@trainyard/contracts';
import { imagesIn, lines } from '../layouts/example.js';
import { image } from '../makeArchives.js';

/** A source that is refused, for the table of errors in docs/data.md. */
export interface RefusedSource {
  when: string;
  /** What is typed in place of the path of `files` or `file`. */
  what?: string;
  files?: Record<string, Buffer | string | null>;
  /** One file in place of a folder. */
  file?: [name: string, content: Buffer];
  options?: ImportOptions;
}

const pets = { ...imagesIn('cat', 5), ...imagesIn('dog', 5) };
const splitPets = { ...imagesIn('train/cat', 2), ...imagesIn('train/dog', 2), ...imagesIn('test/cat', 1) };
const heic = Buffer.from('0000001c66747970686569630000000068656963', 'hex');
const wide = await image('png', [10, 20, 30], { width: 1100, height: 8 });
const square = await image('png', [10, 20, 30], { width: 20, height: 20 });
const png = await image('png', [10, 20, 30]);

export const refusedSources: RefusedSource[] = [
  { when: 'nothing is there', what: './no-such-folder' },
  { when: 'no image is there', files: { 'readme.txt': 'later' } },
  { when: 'nothing names the classes', files: imagesIn('pictures', 4) },
  { when: 'there is one class', files: { ...imagesIn('train/cat', 2), ...imagesIn('test/cat', 1) } },
  { when: 'a class is in the test split alone', files: { ...splitPets, ...imagesIn('test/bird', 1) } },
  { when: 'there are bounding boxes', files: { ...imagesIn('images', 2), 'labels/1.txt': lines('0 0.5 0.5 0.1 0.1') } },
  {
    when: 'the images have many sizes',
    files: { 'a/1.png': png, 'a/2.png': wide, 'b/1.png': square, 'b/2.png': null },
  },
  { when: 'the images are large', files: { 'a/1.png': wide, 'a/2.png': wide, 'b/1.png': wide, 'b/2.png': wide } },
  { when: 'an image is damaged', files: { ...pets, 'cat/6.png': png.subarray(0, -30) } },
  { when: 'a file is not an image', files: { ...pets, 'cat/6.jpg': '<!doctype html><html>' } },
  { when: 'a photo is HEIC', files: { ...pets, 'cat/6.jpg': heic } },
  {
    when: 'an image is TGA',
    files: { ...pets, 'cat/6.tga': Buffer.from('000002000000000000000000080008001820', 'hex') },
  },
  { when: 'several files cannot be used (each is named below)', files: { ...pets, 'cat/6.png': '', 'cat/7.png': '' } },
  {
    when: 'more cannot be used than may be left out',
    files: { ...pets, 'cat/6.png': '', 'cat/7.png': '' },
    options: { skipBad: 1 },
  },
  { when: '`--classes` names another', files: pets, options: { classes: ['cat', 'bird'] } },
  { when: '`--split` adds up to something else', files: pets, options: { split: '0.8/0.1' } },
  { when: '`--fit` without `--size`', files: pets, options: { fit: 'contain' } },
  { when: '`--size` is too large', files: pets, options: { size: '2000' } },
  { when: '`--size` is no size', files: pets, options: { size: '32X48' } },
  { when: '`--labels` names no file', files: pets, options: { labels: 'labels.csv' } },
  {
    when: 'the table has no labels',
    files: { ...pets, 'a.csv': lines('x,y', 'foo,bar') },
    options: { labels: 'a.csv' },
  },
  { when: '`--name` is no name', files: pets, options: { name: 'My Pets' } },
  { when: '`--name cifar10` for another set', files: pets, options: { name: 'cifar10' } },
  { when: '`--name shapes`', files: pets, options: { name: 'shapes' } },
  { when: 'options for the generated set', what: 'shapes', options: { size: '64' } },
  { when: 'a URL that is not HTTP', what: 's3://bucket/pets.zip' },
  { when: 'a 7z archive', file: ['pets.7z', Buffer.from('377abcaf271c0004', 'hex')] },
  { when: 'a rar archive', file: ['pets.rar', Buffer.from('526172211a070100', 'hex')] },
  {
    when: 'a web page was saved as the archive',
    file: ['pets.zip', Buffer.from('<!doctype html><html>log in</html>')],
  },
  { when: 'an archive is cut off', file: ['pets.zip', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(60)])] },
];
