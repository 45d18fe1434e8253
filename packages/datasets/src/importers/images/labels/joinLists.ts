import { folderOf } from '../imageFiles.js';
import type { Table } from './readTable.js';

/**
 * Joins the lists of CUB-200, which number the images in one file and refer to the numbers in another.
 * @returns the tables with the joined one in place of `images.txt` and `train_test_split.txt`
 */
export function joinLists(tables: Table[]): Table[] {
  const split = tables.find(({ file }) => /(?:^|\/)train_test_split\.txt$/i.test(file));
  const images = tables.find(({ file }) => split !== undefined && file === `${folderOf(split.file)}images.txt`);
  if (split === undefined || images === undefined) return tables;
  const isTrain = new Map(split.rows.map(([id = '', value = '']) => [id, value]));
  const rows = images.rows.flatMap((row) => {
    const [, id, path] = /^(\d+)\s+(.+)$/.exec(row.join(' ')) ?? [];
    const value = isTrain.get(id ?? '');
    return path === undefined || value === undefined ? [] : [[path, value]];
  });
  const joined: Table = { file: split.file, rows: [['path', 'is_train'], ...rows], hasHeader: true };
  return [...tables.filter((table) => table !== split && table !== images), joined];
}
