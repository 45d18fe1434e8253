import type { Archive } from '../../archives/archive.js';
import type { Importer, ListedPicture, Listing } from '../listing.js';
import { readFiles } from '../readFiles.js';
import { uniteClassNames } from './classNames.js';
import { refuseWithoutClasses } from './found.js';
import { imagesAmong, mayBeImage } from './imageFiles.js';
import { layOut, type PlacedImage } from './layout.js';
import { layoutNotes } from './layoutNotes.js';

/** Image files whose folders name their classes. */
export const images: Importer = {
  title: 'image files in class folders',
  recognises: ({ files }) => files.some(({ path }) => mayBeImage(path)),
  list,
};

async function list(archive: Archive): Promise<Listing> {
  const paths = archive.files.map(({ path }) => path);
  const among = imagesAmong(paths);
  const layout = layOut(archive.path, among.images);
  const { used, notes } = leaveOutUnlabelled(layout.images);
  if (used.length === 0) refuseWithoutClasses(archive.path, paths, among.images);
  const remarks = layoutNotes(layout, used, paths);
  const united = uniteClassNames(
    used.map(({ name, split, className }) => ({ name, split, className })) as ListedPicture[],
  );
  const { pictures } = united;
  return {
    pictures,
    classes: null,
    notes: [...among.notes, ...notes, ...remarks.notes, ...united.notes],
    warnings: [...remarks.warnings, ...united.warnings],
    suggestedName: null,
    read: (wanted) => readFiles(archive, pictures, wanted),
  };
}

/** Images without a class are left out, as of competitions' test splits. */
function leaveOutUnlabelled(placed: PlacedImage[]): { used: PlacedImage[]; notes: string[] } {
  const notes: string[] = [];
  const labelled = placed.filter(({ className }) => className !== null);
  const splits = new Set(labelled.map(({ split }) => split));
  let loose = placed.filter(({ className }) => className === null);
  for (const split of ['validation', 'test'] as const) {
    const unlabelled = loose.filter((image) => image.split === split);
    if (unlabelled.length === 0 || splits.has(split)) continue;
    notes.push(
      `The ${split} split has no class folders: its ${unlabelled.length} images have no labels and were left out.`,
    );
    loose = loose.filter((image) => image.split !== split);
  }
  if (loose.length > 0) {
    notes.push(`${loose.length} images are in no class folder (like ${loose[0]?.name}) and were left out.`);
  }
  return { used: labelled, notes };
}
