import type { PlacedImage } from '../layout.js';
import type { Split } from '../splitNames.js';
import type { LabelTable } from './labelTable.js';

/** The images with their splits. */
export interface Divided {
  images: PlacedImage[];
  /** Indices of images that the lists do not use. */
  unlisted: Set<number>;
  notes: string[];
}

/**
 * Gives images the split that a table's column or its file's name says (`meta/train.txt`, `val.csv`). A column wins
 * over folders; a file's name wins over the folder `train`, as `train.txt` and `val.txt` may divide one folder.
 */
export function applySplits(images: PlacedImage[], tables: LabelTable[], hasSplitFolders: boolean): Divided {
  const unused = { images, unlisted: new Set<number>(), notes: [] };
  const splits = new Map<number, Split>();
  const used = new Map<string, LabelTable>();
  for (const table of tables) {
    for (const entry of table.entries) {
      const split = entry.split ?? table.split;
      const folder = images[entry.image]?.split ?? null;
      if (split === null || (entry.split === null && folder !== null && folder !== 'train')) continue;
      if ((splits.get(entry.image) ?? split) !== split) {
        const files = tables.filter((each) => each.split !== null || each.columns.split !== null);
        const list = files.map(({ file }) => file).slice(0, 5);
        return {
          ...unused,
          notes: [`${list.join(', ')} give some images several splits, so these splits are not used.`],
        };
      }
      splits.set(entry.image, split);
      if (split !== folder) used.set(table.file, table);
    }
  }
  const kinds = new Set(splits.values());
  if (used.size === 0) return unused;
  // A list of training images alone says of the others that they are not used, or nothing: then all stay as they are.
  if (!hasSplitFolders && kinds.size < 2 && splits.size < images.length) return unused;
  const notes = (kinds.size > 1 || hasSplitFolders ? [...used.values()] : []).map(({ file, columns, split }) =>
    columns.split === null ? `${file} lists the ${split} split.` : `${file} names the splits${nameOf(columns)}.`,
  );
  const divided = images.map((image, i): PlacedImage => ({ ...image, split: splits.get(i) ?? image.split }));
  const unlisted = new Set<number>();
  divided.forEach(({ split, className }, i) => {
    if (split === null && className !== null) unlisted.add(i);
  });
  if (unlisted.size > 0) notes.push(`${unlisted.size} images are in none of these splits and were left out.`);
  return { images: divided, unlisted, notes };
}

const nameOf = ({ header, split }: LabelTable['columns']): string =>
  header === null ? '' : ` (column ${header[split as number]})`;
