import { compareText } from '../../sets/split.js';
import { stemOf } from './imageFiles.js';
import type { PlacedImage } from './layout.js';

/** Names that cameras and tools give, which say nothing about the class. */
const cameraName =
  /^(?:img|image|dsc[nf]?|pxl|photo|picture|pic|frame|screenshot|file|scan|p|mvimg|sample|test|val|train)$/i;

/**
 * The class at the start of a file's name, before the first number: `cat.0.jpg`, `dog_12.png`, `n01440764_10026.JPEG`;
 * or after it: `0001_cat.jpg`; or the number itself, where one of few stands before another: `7_00042.png`. Null: the
 * name has no such form.
 */
function classInName(path: string): string | null {
  const stem = stemOf(path);
  const digits = /^(\d{1,3})[ ._-]+\d{2,}$/.exec(stem);
  if (digits !== null) return digits[1] as string;
  const behind = /^\d[\d ._-]*[ ._-](\p{L}[\p{L} _-]*)$/u.exec(stem);
  if (behind !== null) return behind[1] as string;
  const match = /^(.*?\p{L}.*?)[ ._-]*(?:\(\d+\)|(?<=[ ._-])\d[\d ._-]*|\d+)$/u.exec(stem);
  return match === null ? null : (match[1] as string).replace(/[ ._-]+$/, '');
}

/**
 * Takes the classes from the names of the files, where at least two classes have at least two images each and nearly
 * all names have one.
 * @returns null when the names give no classes
 */
export function classesInNames(
  images: PlacedImage[],
): { images: PlacedImage[]; notes: string[]; warnings: string[] } | null {
  const labelled = images.map((image) => ({ ...image, className: classInName(image.name) }));
  const counts = new Map<string, number>();
  for (const { className, split } of labelled) {
    if (className !== null && split !== 'test') counts.set(className, (counts.get(className) ?? 0) + 1);
  }
  const trained = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const frequent = [...counts].filter(([, count]) => count > 1);
  const covered = frequent.reduce((sum, [, count]) => sum + count, 0);
  const all = images.filter(({ split }) => split !== 'test').length;
  if (frequent.length < 2 || covered < all * 0.9 || trained / counts.size < 2) return null;
  if ([...counts.keys()].every((name) => cameraName.test(name))) return null;
  const classes = frequent.map(([name]) => name).sort(compareText);
  const example = labelled.find(({ className }) => className === classes[0]);
  const kept = labelled.map((image) =>
    image.className !== null && classes.includes(image.className) ? image : { ...image, className: null },
  );
  const note =
    `The classes are parts of the file names (${classes.slice(0, 5).join(', ')}` +
    `${classes.length > 5 ? ', ...' : ''}; ${classes[0]} for ${example?.name}).`;
  return { images: kept, notes: [note], warnings: [] };
}
