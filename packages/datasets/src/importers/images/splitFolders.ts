import { InvalidInputError } from '@trainyard/contracts';
import { compareText } from '../../sets/split.js';
import { childrenOf, type Folder, isFlat } from './folderTree.js';
import { plainFolder } from './imageFiles.js';
import { type Split, splitOfName, splitWithin } from './splitNames.js';

/** A folder whose images are of one split. */
export interface SplitFolder {
  split: Split;
  /** Of the folder that is named like the split. */
  name: string;
  /** That folder, or the one within it that has the class folders. */
  folder: Folder;
  /** The class of all its images, in `<class>/train/` and `<class>_train/`; null: given by the folders within. */
  className: string | null;
}

/**
 * Finds the split folders: the highest ones, and all in one folder (`train/`, `test/`) or in one folder for each class
 * (`<class>/train/`).
 * @returns null where no folders are named like splits
 * @throws InvalidInputError where several folders have splits, as several datasets have
 */
export function findSplits(source: string, root: Folder): SplitFolder[] | null {
  let level = [root];
  while (level.length > 0) {
    const found = level.flatMap((folder) => {
      const splits = splitsIn(folder);
      return splits === null ? [] : [{ folder, splits }];
    });
    const [first] = found;
    if (first !== undefined) {
      if (found.length > 1)
        return (
          classFirst(found) ??
          refuseSeveral(
            source,
            found.map(({ folder }) => folder),
          )
        );
      // A folder in one of many classes may be called `train` by chance.
      return first.folder.count * 2 >= root.count || !first.splits.every(({ folder }) => isFlat(folder))
        ? first.splits.flatMap(innerSplits)
        : null;
    }
    level = level.flatMap(childrenOf);
  }
  return null;
}

/** The split folders directly in this one; null: it has none, or folders that are classes called like splits. */
function splitsIn(folder: Folder): SplitFolder[] | null {
  const children = childrenOf(folder);
  const parts = children.flatMap((child) => {
    const split = splitOfName(child.name);
    return split === null ? [] : [{ split, name: child.name, folder: child, className: null }];
  });
  const splits = new Set(parts.map(({ split }) => split));
  if (parts.length > 0 && parts.length === children.length) return parts;
  // `train/` beside `bus/` and `car/` is a class, if it has no class folders itself.
  if (splits.has('train') && (splits.size > 1 || parts.some(({ folder }) => folder.folders.size > 1))) return parts;
  return compoundSplits(children);
}

/** `pets_train/` and `pets_test/`, with class folders; or `cat_train/`, `dog_train/`, `cat_test/`, `dog_test/`. */
function compoundSplits(children: Folder[]): SplitFolder[] | null {
  const parsed = children.flatMap((folder) => {
    const { split, rest } = splitWithin(folder.name);
    return split === null ? [] : [{ split, rest, folder }];
  });
  const splits = new Set(parsed.map(({ split }) => split));
  if (parsed.length < children.length || !splits.has('train') || splits.size < 2) return null;
  const rests = new Set(parsed.map(({ rest }) => rest));
  if (rests.size === 1)
    return parsed.map(({ split, folder }) => ({ split, name: folder.name, folder, className: null }));
  if (rests.has('') || !parsed.every(({ folder }) => isFlat(folder))) return null;
  return parsed.map(({ split, rest, folder }) => ({ split, name: folder.name, folder, className: rest }));
}

/** `<class>/train/` for each class; null: the folders are no classes. */
function classFirst(found: { folder: Folder; splits: SplitFolder[] }[]): SplitFolder[] | null {
  const parents = new Set(found.map(({ folder }) => folder.path.slice(0, -folder.name.length - 1)));
  const areClasses =
    parents.size === 1 &&
    found.some(({ splits }) => splits.some(({ split }) => split === 'train')) &&
    found.every(({ splits }) => splits.every(({ folder }) => isFlat(folder)));
  if (!areClasses) return null;
  return found.flatMap(({ folder, splits }) => splits.map((part) => ({ ...part, className: folder.name })));
}

/** Passes over repeated folders, as in `seg_train/seg_train/`, and takes `val/` within `training/` for what it is. */
function innerSplits(part: SplitFolder): SplitFolder[] {
  if (part.className !== null) return [part];
  const inner = childrenOf(part.folder);
  const [only] = inner;
  if (inner.length === 1 && only !== undefined && part.folder.files.length === 0) {
    if (splitOfName(only.name) === part.split || only.name === part.folder.name || plainFolder.test(only.name)) {
      return innerSplits({ ...part, folder: only });
    }
  }
  const named = inner.map((folder) => ({
    split: splitOfName(folder.name),
    name: folder.name,
    folder,
    className: null,
  }));
  const splits = new Set(named.map(({ split }) => split));
  if (inner.length > 1 && splits.size > 1 && !splits.has(null)) return (named as SplitFolder[]).flatMap(innerSplits);
  return [part];
}

export function refuseSeveral(source: string, folders: Folder[]): never {
  const paths = folders.map(({ path }) => path.slice(0, -1)).sort(compareText);
  const list = `${paths.slice(0, 5).join(', ')}${paths.length > 5 ? ', ...' : ''}`;
  throw new InvalidInputError(`${source} contains several datasets (${list}); ${oneOf(source, paths[0] as string)}`);
}

/** What to do to import one folder of the source. */
function oneOf(source: string, folder: string): string {
  const isPacked = /\.(?:zip|tar|tgz|tbz2?|txz|gz|bz2|xz|7z)$/i.test(source);
  if (isPacked) return `unpack it and import one of these folders, like ${folder}`;
  const path = `${source.replace(/\/$/, '')}/${folder}`;
  return `import one of them, like: trainyard dataset import ${/[^\w./~-]/.test(path) ? JSON.stringify(path) : path}`;
}
