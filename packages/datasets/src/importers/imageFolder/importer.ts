import type { Archive } from '../../archives/archive.js';
import type { Importer, Listing } from '../listing.js';
import { isImageFolder, layOutImages } from './layout.js';

/** Images as `train/<class>/<image>` and `test/<class>/<image>`, optionally below one top folder. */
export const imageFolder: Importer = {
  title: 'image folders',
  recognises: ({ files }) => isImageFolder(files.map(({ path }) => path)),
  list,
};

async function list(archive: Archive): Promise<Listing> {
  const pictures = layOutImages(
    archive.path,
    archive.files.map(({ path }) => path),
  );
  const indexOf = new Map(pictures.map(({ name }, index) => [name, index]));
  return {
    pictures,
    classes: null,
    notes: [],
    warnings: [],
    suggestedName: null,
    async *read(wanted = () => true) {
      const isWanted = (path: string) => wanted(indexOf.get(path) ?? -1);
      for await (const file of archive.read((path) => indexOf.has(path) && isWanted(path))) {
        const index = indexOf.get(file.path) as number;
        if (file.file !== null) yield { index, picture: { kind: 'file', path: file.file } };
        else yield { index, picture: { kind: 'encoded', bytes: await file.read() } };
      }
    },
  };
}
