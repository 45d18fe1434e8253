import type { ListedPicture } from '../listing.js';
import { childrenOf, type Folder, foldersBelow, folderTree, isFlat } from './folderTree.js';
import { plainFolder } from './imageFiles.js';
import { findSplits, refuseSeveral, type SplitFolder } from './splitFolders.js';
import { splitOfName } from './splitNames.js';

/** An image with what its folders say of it. */
export interface PlacedImage extends Omit<ListedPicture, 'className'> {
  /** null: its folders do not name its class. */
  className: string | null;
  /** Folders between the class and the file that may mean something. */
  within: string[];
}

/** What the folders of the images say. */
export interface Layout {
  images: PlacedImage[];
  /** Names of the split folders as they are written; empty: there are none. */
  splitFolders: SplitFolder[];
  /** The folder that has the class folders, where there are no split folders. */
  root: Folder;
  /** Images beside the split folders. */
  outside: string[];
}

/**
 * Reads split and class from the folders of each image: `train/<class>/…`, `<class>/train/…` or `<class>/…`, below any
 * number of folders; split folders by any of their usual names.
 * @throws InvalidInputError when there are several datasets
 */
export function layOut(source: string, images: string[]): Layout {
  const root = folderTree(images);
  const splits = findSplits(source, root);
  if (splits === null) {
    const top = classesRoot(source, root);
    const beside = splitsBesideClasses(top);
    const hasSplits = beside.some(({ folder }) => !isFlat(folder));
    const placed = [
      ...placeImages({ split: hasSplits ? 'train' : null, folder: without(top, beside), className: null }),
      ...beside.flatMap(placeImages),
    ];
    return { images: placed, splitFolders: beside, root: top, outside: outsideOf(images, placed) };
  }
  const placed = splits.flatMap(placeImages);
  return { images: placed, splitFolders: splits, root, outside: outsideOf(images, placed) };
}

/**
 * `test/` beside class folders: with the same folders within, it is the test split (and so for validation), and the
 * class folders are for training; without folders, it is a test split without labels. Two folders are two classes.
 */
function splitsBesideClasses(top: Folder): SplitFolder[] {
  const children = childrenOf(top);
  const classes = new Set(children.filter(({ name }) => splitOfName(name) === null).map(({ name }) => name));
  if (classes.size < 2) return [];
  return children.flatMap((folder) => {
    const { name } = folder;
    const split = splitOfName(name);
    if (split !== 'test' && split !== 'validation') return [];
    const hasClasses = childrenOf(folder).filter((inner) => classes.has(inner.name)).length * 2 > folder.folders.size;
    return hasClasses || (isFlat(folder) && split === 'test') ? [{ split, name, folder, className: null }] : [];
  });
}

function without(folder: Folder, parts: SplitFolder[]): Folder {
  const left = new Set(parts.map((part) => part.folder));
  return { ...folder, folders: new Map([...folder.folders].filter(([, child]) => !left.has(child))) };
}

function outsideOf(images: string[], placed: PlacedImage[]): string[] {
  if (placed.length === images.length) return [];
  const inside = new Set(placed.map(({ name }) => name));
  return images.filter((path) => !inside.has(path));
}

/** The images of one split, or of a source without splits, with the first folder as class. */
function placeImages(
  part: Pick<SplitFolder, 'folder' | 'className'> & { split: SplitFolder['split'] | null },
): PlacedImage[] {
  const { split, folder } = part;
  const hasClasses = part.className === null && !isWithoutClasses(folder);
  const placed: PlacedImage[] = [];
  for (const { files, folders } of foldersBelow(folder)) {
    const [first, ...rest] = folders;
    const className = part.className ?? (hasClasses ? (first ?? null) : null);
    const within = (hasClasses ? rest : folders).filter((name) => !plainFolder.test(name));
    for (const name of files) placed.push({ name, split, className, within });
  }
  return placed;
}

/** Folders for images whose class is not given, as tools demand one. */
const unlabelledFolder = /^(?:unknown|unlabell?ed|no_?labels?|all|test|testing|val|valid|validation)$/i;

/** @returns whether the folders below name no classes: there are none, or a single one with a name that says nothing */
function isWithoutClasses(folder: Folder): boolean {
  const children = childrenOf(folder);
  const [only] = children;
  if (children.length !== 1 || only === undefined) return children.length === 0;
  return isFlat(only) && (plainFolder.test(only.name) || unlabelledFolder.test(only.name));
}

/** The folder that has the class folders, in a source without split folders. */
function classesRoot(source: string, root: Folder): Folder {
  let folder = root;
  for (;;) {
    const children = childrenOf(folder);
    const [only] = children;
    if (children.length === 1 && only !== undefined && (!isFlat(only) || folder.files.length === 0)) {
      folder = only;
      continue;
    }
    const plain = children.filter((child) => plainFolder.test(child.name) && child.folders.size > 1);
    if (plain.length === 1 && children.every((child) => child === plain[0] || isFlat(child))) {
      folder = plain[0] as Folder;
      continue;
    }
    if (areVariants(children)) refuseSeveral(source, children);
    return folder;
  }
}

/** Names of folders that hold the same set in several forms, or its parts. */
const variants =
  'colou?r gr[ae]y(?:scale)? rgb bw segmented original raw processed augmented resized cropped small large';
const variantName = new RegExp(
  `^(?:${variants.replaceAll(' ', '|')}|(?:set|fold|part|version|v|dataset|batch|size)[ _-]?\\d+|\\d+x\\d+)$`,
  'i',
);

/** `color/<class>` and `grayscale/<class>` are two sets; `cat/monday` and `dog/monday` are two classes. */
function areVariants(folders: Folder[]): boolean {
  if (folders.length < 2 || !folders.every(({ name, folders: inner }) => variantName.test(name) && inner.size > 1)) {
    return false;
  }
  const [first, ...others] = folders as [Folder, ...Folder[]];
  return others.every(({ folders: inner }) => [...first.folders.keys()].filter((name) => inner.has(name)).length > 1);
}
