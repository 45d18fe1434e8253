import { baseName, hasImageExtension } from '../imageFiles.js';
import type { Table } from './readTable.js';

const listNames =
  'classes class_?names label_?names names categories synsets? synset_words wnids (?:label|class)\\w*map ' +
  '(?:idx|label|class|index)_to_\\w+';
// `labels.csv` names images, as a rule.
const listName = new RegExp(`^(?:(?:${listNames.replaceAll(' ', '|')})\\.(?:txt|csv|json)|labels?\\.txt)$`, 'i');

/** Files that name the classes, one a line, in the order of their numbers. */
export const isClassList = (path: string): boolean => listName.test(baseName(path));

/**
 * @returns the names by the number that a label has: lines are counted from 0, or begin with their number; null: the
 * file is no such list
 */
export function classNamesOf(table: Table): Map<string, string> | null {
  const rows = table.rows.slice(table.hasHeader ? 1 : 0);
  if (rows.some((row) => row.some(hasImageExtension))) return null;
  const numbered = rows.filter((row) => row.length >= 2 && row.some((cell) => /^\d+$/.test(cell)));
  const names = new Map<string, string>();
  if (numbered.length > 0 && numbered.length >= rows.length - 1) {
    for (const row of numbered) {
      const at = row.findIndex((cell) => /^\d+$/.test(cell));
      const rest = row
        .filter((_, column) => column !== at)
        .join(' ')
        .trim();
      names.set(row[at] as string, rest);
    }
  } else {
    rows.forEach((row, line) => {
      names.set(String(line), row.join(' ').trim());
    });
  }
  const distinct = new Set(names.values());
  return names.size > 1 && distinct.size === names.size && !distinct.has('') ? names : null;
}
