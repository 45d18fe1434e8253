import { InvalidInputError } from '@trainyard/contracts';
import { type ArchiveLimits, readEntries } from '../archives/index.js';
import type { OnProgress } from '../progress.js';
import { cifar10Downloads } from './cifar10/downloads.js';
import { cifar10 } from './cifar10/importer.js';
import { imageFolder } from './imageFolder/importer.js';
import type { Download, Importer, ImportOptions, ImportPlan } from './importer.js';

/** Every layout that can be imported; the first that recognises an archive reads it. */
const importers: Importer[] = [cifar10, imageFolder];

/** What can be imported by a keyword, from its official URL. */
export const downloads = {
  cifar10: cifar10Downloads.python,
  'cifar10:binary': cifar10Downloads.binary,
} satisfies Record<string, Download>;
export type DownloadKeyword = keyof typeof downloads;

/**
 * Lists the files of a folder or archive and lets the importer of their layout plan the import.
 * @throws InvalidInputError when no importer recognises it, or the one that does finds it incomplete
 */
export async function planArchive(
  path: string,
  options: ImportOptions & { onProgress: OnProgress; limits?: ArchiveLimits },
): Promise<ImportPlan> {
  const { size, onProgress, limits } = options;
  const files: string[] = [];
  for await (const entry of readEntries(path, limits)) {
    files.push(entry.path);
    onProgress({ phase: 'scanning', done: files.length, total: null });
  }
  const importer = importers.find(({ recognises }) => recognises(files));
  if (importer !== undefined) return importer.plan({ path, files, limits }, { size });
  throw new InvalidInputError(
    `${path} contains neither CIFAR-10's batches nor images as train/<class>/<file> and test/<class>/<file>; ` +
      'lay the images out like this',
  );
}
