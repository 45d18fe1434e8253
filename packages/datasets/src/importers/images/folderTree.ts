/** A folder that has images, itself or in folders below. */
export interface Folder {
  name: string;
  /** From the source, with the last `/`; empty for the source itself. */
  path: string;
  /** Paths of the images directly in it. */
  files: string[];
  folders: Map<string, Folder>;
  /** Images in it and below. */
  count: number;
}

export function folderTree(images: string[]): Folder {
  const root = emptyFolder('', '');
  for (const path of images) {
    let folder = root;
    folder.count++;
    let start = 0;
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', start)) {
      const name = path.slice(start, end);
      let next = folder.folders.get(name);
      if (next === undefined) {
        next = emptyFolder(name, path.slice(0, end + 1));
        folder.folders.set(name, next);
      }
      folder = next;
      folder.count++;
      start = end + 1;
    }
    folder.files.push(path);
  }
  return root;
}

const emptyFolder = (name: string, path: string): Folder => ({ name, path, files: [], folders: new Map(), count: 0 });

export const childrenOf = (folder: Folder): Folder[] => [...folder.folders.values()];

export const isFlat = (folder: Folder): boolean => folder.folders.size === 0;

/** The folder and all below, with their images and the names of the folders between. */
export function* foldersBelow(
  folder: Folder,
  between: string[] = [],
): Generator<{ files: string[]; folders: string[] }> {
  yield { files: folder.files, folders: between };
  for (const child of folder.folders.values()) yield* foldersBelow(child, [...between, child.name]);
}
