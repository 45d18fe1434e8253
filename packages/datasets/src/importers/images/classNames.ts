import { compareText } from '../../sets/split.js';
import type { ListedPicture } from '../listing.js';

/** The key under which two names of a class look alike to a person. */
const looseKey = (name: string): string => name.normalize('NFC').trim().replace(/\s+/g, ' ').toLowerCase();

/**
 * Makes one class of names that differ only in how their letters are encoded (macOS stores `é` as two characters), or,
 * from split to split, in case or blanks: `train/Cat` and `test/cat`. Two such names within one split are two classes.
 */
export function uniteClassNames(pictures: ListedPicture[]): {
  pictures: ListedPicture[];
  notes: string[];
  warnings: string[];
} {
  const groups = groupsOf(pictures);
  const notes: string[] = [];
  const warnings: string[] = [];
  const renamed = new Map<string, string>();
  for (const { names, splits } of groups.values()) {
    if (names.size < 2) continue;
    const list = [...names].sort(compareText);
    const quoted = list.map((name) => JSON.stringify(name)).join(' and ');
    const composed = new Set(list.map((name) => name.normalize('NFC')));
    if (composed.size === 1) {
      for (const name of list) renamed.set(name, name.normalize('NFC'));
      notes.push(`${quoted} are the same letters in two encodings, and one class.`);
      continue;
    }
    const apart = [...splits.values()].every((inSplit) => inSplit.size === 1);
    const [kept] = splits.get('train') ?? new Set(list);
    if (!apart || kept === undefined) {
      warnings.push(`The classes ${quoted} differ only in case or blanks, but are different; rename one folder.`);
      continue;
    }
    for (const name of list) renamed.set(name, kept);
    warnings.push(`${quoted} differ only in case or blanks and are in different splits; both are the class ${kept}.`);
  }
  if (renamed.size === 0) return { pictures, notes, warnings };
  const united = pictures.map((picture) => ({
    ...picture,
    className: renamed.get(picture.className) ?? picture.className,
  }));
  return { pictures: united, notes, warnings };
}

function groupsOf(pictures: ListedPicture[]): Map<string, { names: Set<string>; splits: Map<unknown, Set<string>> }> {
  const groups = new Map<string, { names: Set<string>; splits: Map<unknown, Set<string>> }>();
  const keys = new Map<string, string>();
  for (const { className, split } of pictures) {
    let key = keys.get(className);
    if (key === undefined) {
      key = looseKey(className);
      keys.set(className, key);
    }
    const group = groups.get(key) ?? { names: new Set(), splits: new Map() };
    group.names.add(className);
    group.splits.set(split, (group.splits.get(split) ?? new Set()).add(className));
    groups.set(key, group);
  }
  return groups;
}
