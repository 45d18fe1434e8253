import { baseName, extensionOf, folderOf, hasImageExtension, stemOf } from '../imageFiles.js';

/** Finds the images that a cell of a table names. */
export class ImageIndex {
  private readonly byBase = new Map<string, number[]>();
  private readonly byStem = new Map<string, number[]>();
  /** By the number that is the whole name: `00012.png` is also the image 12. */
  private readonly byNumber = new Map<string, number[]>();

  constructor(private readonly paths: string[]) {
    paths.forEach((path, index) => {
      add(this.byBase, baseName(path).toLowerCase(), index);
      add(this.byStem, stemOf(path).toLowerCase(), index);
      if (/^0\d+$/.test(stemOf(path))) add(this.byNumber, String(Number(stemOf(path))), index);
    });
  }

  /**
   * @param value a path from any folder above, also of another machine, or a name, with or without extension
   * @param tableFolder the folder of the table, with the last `/`
   * @returns indices of the images that fit best; more than one: the value does not say which
   */
  find(value: string, tableFolder: string): number[] {
    if (value === '' || value.length > 1000) return [];
    const path = value.replaceAll('\\', '/').replace(/^(?:\.?\/)+/, '');
    const named = this.named(path);
    if (named.length < 2) return named.filter((index) => this.fits(index, path));
    const exact = named.filter((index) => baseName(this.paths[index] as string) === baseName(path));
    const candidates = exact.length > 0 ? exact : named;
    const scored = candidates.map((index) => ({ index, score: this.score(index, path, tableFolder) }));
    const best = Math.max(...scored.map(({ score }) => score));
    return scored.filter(({ score }) => score === best).map(({ index }) => index);
  }

  private named(path: string): number[] {
    const base = baseName(path).toLowerCase();
    const found = this.byBase.get(base) ?? this.byStem.get(base);
    if (found !== undefined) return found;
    return (hasImageExtension(path) ? this.byStem.get(stemOf(base)) : undefined) ?? this.byNumber.get(base) ?? [];
  }

  /** A name alone may be in any folder; of a path, an image elsewhere has at least the file's whole name. */
  private fits(index: number, path: string): boolean {
    return !path.includes('/') || extensionOf(path) !== '' || this.sharedFolders(index, path) > 0;
  }

  /** Folders in common, counted from the file upwards; among equals, the table's own folder. */
  private score(index: number, path: string, tableFolder: string): number {
    const folder = folderOf(this.paths[index] as string);
    const nearness = folder === tableFolder ? 0.5 : 0;
    return this.sharedFolders(index, path) + nearness + (folder.startsWith(tableFolder) ? 0.25 : 0);
  }

  private sharedFolders(index: number, path: string): number {
    const own = (this.paths[index] as string).split('/').slice(0, -1);
    const asked = path.split('/').slice(0, -1);
    let shared = 0;
    while (shared < asked.length && own.at(-1 - shared)?.toLowerCase() === asked.at(-1 - shared)?.toLowerCase()) {
      if (own.at(-1 - shared) === undefined) break;
      shared++;
    }
    return shared;
  }
}

function add(map: Map<string, number[]>, key: string, index: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [index]);
  else list.push(index);
}
