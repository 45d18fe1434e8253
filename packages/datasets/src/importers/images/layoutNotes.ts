import { compareText } from '../../sets/split.js';
import { extensionOf, folderOf, mayBeImage } from './imageFiles.js';
import type { Layout, PlacedImage } from './layout.js';

/** Says how the folders were understood where there was a choice. @param used the images of the set */
export function layoutNotes(
  layout: Layout,
  used: PlacedImage[],
  paths: string[],
): { notes: string[]; warnings: string[] } {
  const { outside } = layout;
  const nested = nestingRemarks(used);
  return {
    notes: [
      ...splitNotes(layout, used),
      ...(outside.length > 0
        ? [`${outside.length} images beside the ${place(layout)} were left out (like ${outside[0]}).`]
        : []),
      ...nested.notes,
      ...otherFiles(used, paths),
    ],
    warnings: nested.warnings,
  };
}

const place = ({ splitFolders }: Layout) => (splitFolders.length > 0 ? 'split folders' : 'class folders');

function splitNotes({ splitFolders }: Layout, used: PlacedImage[]): string[] {
  const present = new Set(used.map(({ split }) => split));
  const notes: string[] = [];
  for (const split of ['train', 'validation', 'test'] as const) {
    const names = new Set(splitFolders.filter((part) => part.split === split).map(({ name }) => name));
    if (!present.has(split) || names.size === 0 || [...names].every((name) => name === split && split !== 'validation'))
      continue;
    const shown = [...names].sort(compareText).slice(0, 5).join('/, ');
    notes.push(`${shown}/ is the ${split} split.`);
  }
  return notes;
}

function nestingRemarks(used: PlacedImage[]): { notes: string[]; warnings: string[] } {
  const nested = used.filter(({ within }) => within.length > 0);
  const [example] = nested;
  if (example === undefined) return { notes: [], warnings: [] };
  const text =
    `${nested.length} images are in folders within a class folder; their class is the upper one ` +
    `(${example.className} for ${example.name})`;
  return looksLikeHierarchy(used) || haveSameFolders(used)
    ? { notes: [], warnings: [`${text}; if the lower folders are the classes, move them up.`] }
    : { notes: [`${text}.`], warnings: [] };
}

/** `old/cat`, `old/dog`, `new/cat`, `new/dog`: every image is in a second folder, whose name is in each class. */
function haveSameFolders(used: PlacedImage[]): boolean {
  const classesOf = new Map<string, Set<string>>();
  const classes = new Set<string>();
  for (const { className, within } of used) {
    const [inner] = within;
    if (className === null || inner === undefined) return false;
    classes.add(className);
    classesOf.set(inner, (classesOf.get(inner) ?? new Set()).add(className));
  }
  return classesOf.size > 1 && [...classesOf.values()].every(({ size }) => size === classes.size);
}

/** `animals/cat`, `animals/dog`, `plants/rose`: every image is in a second folder, whose name is in one class only. */
function looksLikeHierarchy(used: PlacedImage[]): boolean {
  const classOf = new Map<string, string>();
  for (const { className, within } of used) {
    const [inner] = within;
    if (className === null || inner === undefined) return false;
    if ((classOf.get(inner) ?? className) !== className) return false;
    classOf.set(inner, className);
  }
  return classOf.size > new Set(classOf.values()).size;
}

function otherFiles(used: PlacedImage[], paths: string[]): string[] {
  const folders = new Set(used.map(({ name }) => folderOf(name)));
  const others = paths.filter((path) => folders.has(folderOf(path)) && !mayBeImage(path));
  if (others.length === 0) return [];
  const kinds = [...new Set(others.map((path) => `.${extensionOf(path)}`))].sort(compareText).slice(0, 5);
  return [`${others.length} files among the images are none by their names (${kinds.join(', ')}) and were left out.`];
}
