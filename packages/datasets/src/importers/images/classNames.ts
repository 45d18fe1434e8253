import { compareText } from '../../sets/split.js';
import type { ListedPicture } from '../listing.js';

/** The key under which two names of a class look alike to a person. */
const looseKey = (name: string): string => name.trim().replace(/\s+/g, ' ').toLowerCase();

/**
 * Makes one class of names that differ from split to split in case or blanks, like `train/Cat` and `test/cat`. Two such
 * names within one split are two classes.
 */
export function uniteClassNames(pictures: ListedPicture[]): { pictures: ListedPicture[]; warnings: string[] } {
  const warnings: string[] = [];
  const renamed = new Map<string, string>();
  for (const { names, splits } of groupsOf(pictures).values()) {
    if (names.size < 2) continue;
    const list = [...names].sort(compareText);
    const quoted = list.map((name) => JSON.stringify(name)).join(' and ');
    const apart = [...splits.values()].every((inSplit) => inSplit.size === 1);
    const [trained] = splits.get('train') ?? [];
    if (!apart || trained === undefined) {
      warnings.push(`The classes ${quoted} differ only in case or blanks, but are different; rename one folder.`);
      continue;
    }
    const kept = trained.trim();
    for (const name of list) renamed.set(name, kept);
    warnings.push(`${quoted} differ only in case or blanks and are in different splits; both are the class ${kept}.`);
  }
  if (renamed.size === 0) return { pictures, warnings };
  const united = pictures.map((picture) => ({
    ...picture,
    className: renamed.get(picture.className) ?? picture.className,
  }));
  return { pictures: united, warnings };
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
