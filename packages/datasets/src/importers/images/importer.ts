import { InvalidInputError } from '@trainyard/contracts';
import type { Archive } from '../../archives/archive.js';
import type { Importer, ListedPicture, Listing, ListOptions } from '../listing.js';
import { readFiles } from '../readFiles.js';
import { uniteClassNames } from './classNames.js';
import { classesInNames } from './fileNames.js';
import { refuseWithoutClasses } from './found.js';
import { folderOf, imagesAmong, mayBeImage } from './imageFiles.js';
import { applyLabels, type Labelled } from './labels/applyLabels.js';
import { findLabels, tableFiles } from './labels/findLabels.js';
import { type Layout, layOut, type PlacedImage } from './layout.js';
import { layoutNotes } from './layoutNotes.js';

/** Image files whose classes are named by folders, by a table, or by the files' own names. */
export const images: Importer = {
  title: 'image files in class folders, or with their classes in a CSV file',
  recognises: ({ files }) => files.some(({ path }) => mayBeImage(path)),
  list,
};

async function list(archive: Archive, { labels = null }: ListOptions): Promise<Listing> {
  const paths = archive.files.map(({ path }) => path);
  const among = imagesAmong(paths);
  const layout = layOut(archive.path, among.images);
  const labelled = await nameClasses(archive, layout, among.images, labels);
  const { used, notes, warnings } = leaveOutUnlabelled(labelled.images);
  if (used.length === 0) refuseWithoutClasses(archive.path, paths, among.images, labelled.tables.others);
  const tables = new Set(labelled.tables.used);
  checkLabelled(archive.path, labelled, used);
  const remarks = layoutNotes(
    layout,
    used,
    paths.filter((path) => !tables.has(path)),
  );
  const united = uniteClassNames(used.map(({ name, split, className }) => ({ name, split, className })));
  const { pictures } = united;
  return {
    pictures,
    classes: presentClasses(labelled.classes, pictures),
    notes: [...among.notes, ...labelled.notes, ...notes, ...remarks.notes],
    warnings: [
      ...emptyClasses(archive, layout),
      ...labelled.warnings,
      ...warnings,
      ...remarks.warnings,
      ...united.warnings,
    ],
    suggestedName: null,
    read: (wanted) => readLabelled(archive, pictures, labelled.faults, wanted),
  };
}

/** Reads tables where the folders leave something open; file names only where nothing else names classes. */
async function nameClasses(
  archive: Archive,
  layout: Layout,
  paths: string[],
  chosen: string | null,
): Promise<Labelled> {
  const asIs: Labelled = {
    images: layout.images,
    tables: { used: [], others: [] },
    classes: null,
    faults: new Map(),
    notes: [],
    warnings: [],
  };
  const isClear = layout.splitFolders.length > 0 && layout.images.every(({ className }) => className !== null);
  if (isClear && chosen === null) return asIs;
  const files = tableFiles(archive, paths);
  let labelled = asIs;
  if (files.length > 0 || chosen !== null) {
    const found = await findLabels(archive, layout.images, files, chosen);
    labelled = applyLabels(archive.path, layout, found, chosen !== null);
  }
  if (labelled.images.some(({ className }) => className !== null)) return labelled;
  const byNames = classesInNames(labelled.images);
  return byNames === null ? labelled : { ...labelled, ...byNames };
}

/** @throws InvalidInputError when a table names so few images that no set comes of it */
function checkLabelled(source: string, { images: all, tables }: Labelled, used: UsedImage[]): void {
  const classes = new Set(used.map(({ className }) => className)).size;
  const [table] = tables.used;
  if (table === undefined || used.length === all.length || used.length >= Math.max(2, classes) * 2) return;
  const list = tables.used.slice(0, 3).join(', ');
  throw new InvalidInputError(
    `${source}: ${list} names the classes of only ${used.length} of ${all.length} images; add a row for each image`,
  );
}

/** Class folders without an image: they would vanish without a word. */
function emptyClasses({ files, emptyFolders }: Archive, layout: Layout): string[] {
  const parents = layout.splitFolders.filter(({ className }) => className === null).map(({ folder }) => folder);
  const roots = layout.splitFolders.length > 0 ? parents : [layout.root];
  const isClass = (path: string) =>
    roots.some((root) => path.startsWith(root.path) && isChild(path.slice(root.path.length)) && root.folders.size > 0);
  const hasImage = (path: string) =>
    roots.some((root) => path.startsWith(root.path) && root.folders.has(path.slice(root.path.length)));
  // Beside splits there are only classes; beside classes there may be documents.
  const withFiles = layout.splitFolders.length > 0 ? files.map(({ path }) => folderOf(path).slice(0, -1)) : [];
  const empty = [...new Set([...emptyFolders, ...withFiles])].filter((path) => isClass(path) && !hasImage(path));
  if (empty.length === 0) return [];
  const list = `${empty.slice(0, 5).join(', ')}${empty.length > 5 ? ', ...' : ''}`;
  return [
    `${empty.length} class folders have no images (${list}) and were left out; add images or remove the folders.`,
  ];
}

const isChild = (relative: string): boolean => relative !== '' && !relative.includes('/');

type UsedImage = PlacedImage & { className: string };

/** Images without a class are left out, as of competitions' test splits. */
function leaveOutUnlabelled(placed: PlacedImage[]): { used: UsedImage[]; notes: string[]; warnings: string[] } {
  const notes: string[] = [];
  const used = placed.filter((image): image is UsedImage => image.className !== null);
  const splits = new Set(used.map(({ split }) => split));
  let loose = placed.filter(({ className }) => className === null);
  for (const split of ['validation', 'test'] as const) {
    const unlabelled = loose.filter((image) => image.split === split);
    if (unlabelled.length === 0 || splits.has(split)) continue;
    notes.push(
      `Nothing names classes in the ${split} split: its ${unlabelled.length} images have no labels and were left out.`,
    );
    loose = loose.filter((image) => image.split !== split);
  }
  if (loose.length === 0) return { used, notes, warnings: [] };
  const [example] = loose;
  return {
    used,
    notes,
    warnings: [`${loose.length} images are in no class folder and no table (like ${example?.name}) and were left out.`],
  };
}

function presentClasses(classes: string[] | null, pictures: ListedPicture[]): string[] | null {
  if (classes === null) return null;
  const present = new Set(pictures.map(({ className }) => className));
  return classes.filter((name) => present.has(name));
}

/** Images that a table gives several classes are faults, so that they are named, and left out if the user wants. */
async function* readLabelled(
  archive: Archive,
  pictures: ListedPicture[],
  faults: Map<string, string>,
  wanted: (index: number) => boolean = () => true,
): ReturnType<Listing['read']> {
  const faultOf = (index: number) => faults.get((pictures[index] as ListedPicture).name);
  yield* readFiles(archive, pictures, (index) => wanted(index) && faultOf(index) === undefined);
  if (faults.size === 0) return;
  for (let index = 0; index < pictures.length; index++) {
    const fault = faultOf(index);
    if (fault !== undefined && wanted(index)) yield { index, fault };
  }
}
