import { InvalidInputError } from '@trainyard/contracts';
import type { Archive } from '../../archives/archive.js';
import type { Importer, Listing } from '../listing.js';
import { readFiles } from '../readFiles.js';
import { hasClassFolders, layOut } from './layout.js';

/** Images in class folders, with or without split folders. */
export const classFolders: Importer = {
  title: 'images in class folders',
  recognises: ({ files }) => hasClassFolders(files.map(({ path }) => path)),
  list,
};

async function list(archive: Archive): Promise<Listing> {
  const { pictures, notes, warnings } = layOut(
    archive.path,
    archive.files.map(({ path }) => path),
  );
  if (pictures.length === 0) {
    throw new InvalidInputError(
      `${archive.path} has images, but none in a folder that names its class; lay them out as <class>/<file>, or as ` +
        'train/<class>/<file> and test/<class>/<file>, or name their classes in a CSV file (docs/data.md)',
    );
  }
  return {
    pictures,
    classes: null,
    notes,
    warnings,
    suggestedName: null,
    read: (wanted) => readFiles(archive, pictures, wanted),
  };
}
