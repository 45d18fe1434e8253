import { InvalidInputError } from '@trainyard/contracts';
import { compareText } from '../../sets/split.js';
import { baseName, extensionOf, folderOf, mayBeImage, stemOf } from './imageFiles.js';

/**
 * Refuses a source whose images have no classes, saying what was found instead.
 * @param tables why tables of the source do not help, a sentence each
 * @throws InvalidInputError always
 */
export function refuseWithoutClasses(source: string, paths: string[], images: string[], tables: string[]): never {
  const boxes = boxFiles(paths, images);
  if (boxes !== null) {
    throw new InvalidInputError(
      `${source} has bounding boxes (${boxes}), not a class for each image; export it for classification, as folders ` +
        '("Folder structure") or as CSV',
    );
  }
  const mask = paths.find((path) => /(?:^|\/)(?:masks?|trimaps?|segmentation\w*)\//i.test(path) && mayBeImage(path));
  if (mask !== undefined) {
    throw new InvalidInputError(
      `${source} has masks for segmentation (${mask}), not a class for each image; put the images into <class>/<file>`,
    );
  }
  const folders = new Set(images.map(folderOf));
  const [only = ''] = folders;
  const where = folders.size === 1 && only !== '' ? `all its images in one folder (${only})` : describe(paths);
  const problems = [...tables, ...paths.flatMap(otherTable)].slice(0, 3);
  const unread = problems.length === 0 ? '' : ` (${problems.join('; ')})`;
  throw new InvalidInputError(
    `${source} has ${where}, and nothing that names the classes of the images${unread}; put the images into ` +
      '<class>/<file> or train/<class>/<file>, or name their classes in a CSV file with the columns file and label ' +
      '(--labels FILE; docs/data.md)',
  );
}

/** What to do with a table in a format that is not read. */
function otherTable(path: string): string[] {
  if (/\.(?:xlsx?|ods)$/i.test(path)) return [`${path} is not read: save it as CSV`];
  return /(?:^|\/)metadata\.parquet$/i.test(path) ? [`${path} is not read: write it as metadata.csv`] : [];
}

/** The file that shows that the source was made for object detection; null: it was not. */
function boxFiles(paths: string[], images: string[]): string | null {
  const coco = paths.find((path) => /(?:coco|createml|instances_\w+|annotations)\.json$/i.test(baseName(path)));
  if (coco !== undefined) return coco;
  const stems = new Set(images.map(stemOf));
  for (const extension of ['txt', 'xml']) {
    const beside = paths.filter((path) => extensionOf(path) === extension && stems.has(stemOf(path)));
    if (beside.length > 0 && beside.length * 2 >= images.length) return beside[0] as string;
  }
  return null;
}

/** `120 .jpg and 2 .txt files in images/ and labels/`. */
export function describe(paths: string[]): string {
  if (paths.length === 0) return 'no files';
  const kinds = countsOf(paths.map((path) => (extensionOf(path) === '' ? 'other' : `.${extensionOf(path)}`)));
  const folders = countsOf(paths.filter((path) => path.includes('/')).map((path) => `${path.split('/')[0]}/`));
  const files = joined(kinds.slice(0, 3).map(([kind, count]) => `${count} ${kind}`));
  const where = folders.length === 0 ? '' : ` in ${joined(folders.slice(0, 4).map(([name]) => name))}`;
  return `${files} files${where}${folders.length > 4 ? ', ...' : ''}`;
}

/** Values with their counts, the most frequent first. */
function countsOf(values: string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]));
}

const joined = (parts: string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
