import { InvalidInputError } from '@trainyard/contracts';
import { compareText } from '../../sets/split.js';
import type { ListedPicture, SourceSplit } from '../listing.js';
import { extensionOf, mayBeImage } from './images.js';
import { splitOfName } from './splitNames.js';

type Split = Exclude<SourceSplit, null>;

/** Images whose folders name their classes, and often their splits. */
export interface Layout {
  pictures: ListedPicture[];
  notes: string[];
  warnings: string[];
}

interface Found extends ListedPicture {
  /** Folders between the class and the file. */
  deeper: number;
}

/** @returns whether some image is below a folder that may be its class. */
export function hasClassFolders(paths: string[]): boolean {
  return paths.some((path) => path.includes('/') && mayBeImage(path));
}

/**
 * Reads split and class from the folders of each image: `train/<class>/…`, `<class>/train/…` or `<class>/…`, below any
 * number of folders; split folders by any of their usual names.
 * @throws InvalidInputError that says what was found when the folders give no classes
 */
export function layOut(source: string, paths: string[]): Layout {
  const images = paths.filter((path) => path.includes('/') && mayBeImage(path));
  const root = splitRoot(source, images);
  const found = root === null ? classesAtTop(images) : imagesOf(root, images);
  const { used, notes } = leaveOutUnlabelled(found, images.length);
  if (root !== null) notes.unshift(...splitNotes(used, root.names));
  notes.push(...nestingNotes(used), ...otherNotes(paths, used));
  return { pictures: used, notes, warnings: caseWarnings(used) };
}

interface SplitRoot {
  /** Folders above the split folders (with `classFirst`: above the class folders), with the last `/`; may be empty. */
  prefix: string;
  classFirst: boolean;
  /** Folder names by split, as they are written. */
  names: Map<Split, Set<string>>;
}

/** The folder in which the split folders are: the highest one. Null where no folder is named like a split. */
function splitRoot(source: string, images: string[]): SplitRoot | null {
  const prefixes = new Map<string, { depth: number; names: Map<Split, Set<string>>; hasClasses: boolean }>();
  for (const path of images) {
    const parts = path.split('/');
    const at = parts.slice(0, -1).findIndex((part) => splitOfName(part) !== null);
    if (at === -1) continue;
    const name = parts[at] as string;
    const prefix = parts
      .slice(0, at)
      .map((part) => `${part}/`)
      .join('');
    const entry = prefixes.get(prefix) ?? { depth: at, names: new Map(), hasClasses: false };
    const split = splitOfName(name) as Split;
    entry.names.set(split, (entry.names.get(split) ?? new Set()).add(name));
    entry.hasClasses ||= parts.length - at > 2;
    prefixes.set(prefix, entry);
  }
  const candidates = [...prefixes].filter(([, { names }]) => names.has('train'));
  if (candidates.length === 0) return null;
  const depth = Math.min(...candidates.map(([, entry]) => entry.depth));
  const highest = candidates.filter(([, entry]) => entry.depth === depth);
  const [first] = highest as [(typeof highest)[number]];
  if (highest.length === 1 && (first[1].hasClasses || depth === 0)) {
    return { prefix: first[0], classFirst: false, names: first[1].names };
  }
  const parents = new Set(highest.map(([prefix]) => prefix.slice(0, prefix.lastIndexOf('/', prefix.length - 2) + 1)));
  if (parents.size === 1 && highest.every(([, { hasClasses }]) => !hasClasses)) {
    const names = new Map<Split, Set<string>>();
    for (const [, entry] of highest) {
      for (const [split, some] of entry.names) names.set(split, new Set([...(names.get(split) ?? []), ...some]));
    }
    return { prefix: [...parents][0] as string, classFirst: true, names };
  }
  const folders = highest.map(([prefix]) => prefix.slice(0, -1)).sort(compareText);
  throw new InvalidInputError(
    `${source} contains several datasets (${folders.slice(0, 5).join(', ')}${folders.length > 5 ? ', ...' : ''}); ` +
      `import them one by one, like ${source}/${folders[0]}`,
  );
}

const imagesOf = (root: SplitRoot, images: string[]): Found[] =>
  root.classFirst ? classFirst(images, root) : splitFirst(images, root);

/** `train/<class>/<file>`; a split folder within one of the same split is passed over, as in `seg_train/seg_train/`. */
function splitFirst(images: string[], { prefix }: SplitRoot): Found[] {
  const found: Found[] = [];
  for (const path of images) {
    if (!path.startsWith(prefix)) continue;
    const [splitName, ...rest] = path.slice(prefix.length).split('/') as [string, ...string[]];
    const split = splitOfName(splitName);
    if (split === null) continue;
    while (rest.length > 2 && splitOfName(rest[0] as string) === split) rest.shift();
    found.push({ name: path, split, className: rest.length > 1 ? (rest[0] as string) : '', deeper: rest.length - 2 });
  }
  return found;
}

/** `<class>/train/<file>`. */
function classFirst(images: string[], { prefix }: SplitRoot): Found[] {
  const found: Found[] = [];
  for (const path of images) {
    if (!path.startsWith(prefix)) continue;
    const [className, splitName, ...rest] = path.slice(prefix.length).split('/') as [string, ...string[]];
    const split = splitName === undefined ? null : splitOfName(splitName);
    if (split !== null && rest.length > 0) found.push({ name: path, split, className, deeper: rest.length - 1 });
  }
  return found;
}

/** `<class>/<file>`, below the folders that all images share. */
function classesAtTop(images: string[]): Found[] {
  let prefix = '';
  for (;;) {
    const firsts = new Set(images.map((path) => path.slice(prefix.length).split('/')[0]));
    const [only] = firsts;
    if (firsts.size !== 1 || !images.every((path) => path.slice(prefix.length).includes('/'))) break;
    const next = `${prefix}${only}/`;
    if (!images.some((path) => path.slice(next.length).includes('/'))) break;
    prefix = next;
  }
  return images.map((path) => {
    const parts = path.slice(prefix.length).split('/');
    return {
      name: path,
      split: null,
      className: parts.length > 1 ? (parts[0] as string) : '',
      deeper: parts.length - 2,
    };
  });
}

/** Folders for images whose class is not given, as tools demand one; empty: none. */
const unlabelledNames = /^(?:|unknown|unlabell?ed|no_?labels?|images?|imgs?|all|test|testing|0)$/i;

/** Images directly in a split folder have no class; a test split whose folders name no trained class has no labels. */
function leaveOutUnlabelled(found: Found[], images: number): { used: Found[]; notes: string[] } {
  const notes: string[] = [];
  const trained = new Set(
    found.filter(({ split }) => split === 'train' || split === null).map((each) => each.className),
  );
  const testClasses = new Set(found.filter(({ split }) => split === 'test').map(({ className }) => className));
  const hasLabels = [...testClasses].some((name) => name !== '' && trained.has(name));
  let used = found;
  const [only = ''] = testClasses;
  if (testClasses.size === 1 && !hasLabels && unlabelledNames.test(only)) {
    const count = used.filter(({ split }) => split === 'test').length;
    used = used.filter(({ split }) => split !== 'test');
    notes.push(`The test split has no class folders: its ${count} images have no labels and were left out.`);
  }
  const loose = used.filter(({ className }) => className === '');
  if (loose.length > 0 && loose.length < used.length) {
    used = used.filter(({ className }) => className !== '');
    notes.push(`${loose.length} images are in no class folder (like ${loose[0]?.name}) and were left out.`);
  } else if (loose.length > 0) {
    used = [];
  }
  const elsewhere = images - found.length;
  if (elsewhere > 0) notes.push(`${elsewhere} images beside the split folders were left out.`);
  return { used, notes };
}

function splitNotes(used: Found[], names: Map<Split, Set<string>>): string[] {
  const notes: string[] = [];
  for (const [split, written] of names) {
    const usual = split === 'validation' ? ['validation'] : [split];
    const unusual = [...written].filter((name) => !usual.includes(name));
    if (unusual.length === 0 && split !== 'validation') continue;
    if (!used.some((picture) => picture.split === split)) continue;
    notes.push(`${[...written].sort(compareText).join('/, ')}/ is the ${split} split.`);
  }
  return notes;
}

function nestingNotes(used: Found[]): string[] {
  const nested = used.filter(({ deeper }) => deeper > 0);
  if (nested.length === 0) return [];
  const [example] = nested;
  return [
    `${nested.length} images are in folders within a class folder; their class is the upper one ` +
      `(${example?.className} for ${example?.name}).`,
  ];
}

function otherNotes(paths: string[], used: Found[]): string[] {
  const folders = new Set(used.map(({ name }) => name.slice(0, name.lastIndexOf('/'))));
  const others = paths.filter((path) => folders.has(path.slice(0, path.lastIndexOf('/'))) && !mayBeImage(path));
  if (others.length === 0) return [];
  const kinds = [...new Set(others.map((path) => `.${extensionOf(path)}`))].sort(compareText).slice(0, 5);
  return [`${others.length} files among the images are none by their names (${kinds.join(', ')}) and were left out.`];
}

/** `Cat` and `cat` are two classes, as in every tool that reads folders, but seldom on purpose. */
function caseWarnings(used: Found[]): string[] {
  const byLower = new Map<string, Set<string>>();
  for (const { className } of used) {
    const key = className.trim().toLowerCase();
    byLower.set(key, (byLower.get(key) ?? new Set()).add(className));
  }
  return [...byLower.values()]
    .filter((names) => names.size > 1)
    .map((names) => {
      const list = [...names].map((name) => JSON.stringify(name)).sort(compareText);
      return `The classes ${list.join(' and ')} differ only in case or blanks, but are different; rename one folder.`;
    });
}
