import type { ImportOptions } from '@trainyard/contracts';
import { imagesIn } from '../layouts/example.js';
import { image } from '../makeArchives.js';

/** A source that is imported with a warning, for the table in docs/data.md. */
export interface DoubtfulSource {
  when: string;
  files: Record<string, Buffer | string | null>;
  options?: ImportOptions;
  /** A word of the warning that is meant; others may come with it. */
  word: string;
}

const noisy = (red: number) => image('png', [red, 250 - red, 40], { noise: 200 });
const gray = await noisy(0);
const other = await noisy(120);
const dark = await image('png', [1, 2, 3], { noise: 4 });
const wide = await image('png', [1, 2, 3], { width: 24, noise: 200 });

const ten = (path: string, content: Buffer) =>
  Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${path}/${i + 1}.png`, content]));
const pets = { ...imagesIn('train/cat', 10), ...imagesIn('train/dog', 10), ...imagesIn('test/cat', 1) };

export const doubtfulSources: DoubtfulSource[] = [
  {
    when: 'a test image is also a training image, or nearly',
    files: { ...ten('train/cat', gray), ...ten('train/dog', other), 'test/cat/1.png': gray, 'test/dog/1.png': other },
    word: 'flatters',
  },
  {
    when: 'an image is in two classes',
    files: { 'train/cat/1.png': gray, 'train/dog/1.png': gray, ...imagesIn('test/cat', 1), ...imagesIn('test/dog', 1) },
    word: 'in two classes',
  },
  { when: 'images are of one colour', files: pets, word: 'one colour' },
  { when: 'images are nearly black', files: { ...pets, ...ten('train/owl', dark) }, word: 'nearly black' },
  { when: 'a class has few images', files: { ...pets, ...imagesIn('train/owl', 3) }, word: 'fewer than' },
  { when: 'a class has no test images', files: pets, word: 'no test images' },
  {
    when: 'much is cut',
    files: { 'cat/1.png': wide, 'dog/1.png': wide, 'dog/2.png': wide, 'cat/2.png': wide },
    options: { size: '8' },
    word: 'lost more',
  },
  { when: 'class names differ in case', files: { ...pets, ...imagesIn('train/Cat', 10) }, word: 'differ only in case' },
];
