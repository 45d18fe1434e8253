import { InvalidInputError } from '@trainyard/contracts';
import type { Archive } from '../archives/archive.js';
import { cifar100 } from './arrays/cifar100.js';
import { idx } from './arrays/idx.js';
import { numpy } from './arrays/numpy.js';
import { stl10 } from './arrays/stl10.js';
import { svhn } from './arrays/svhn.js';
import { arrow } from './arrow/importer.js';
import { cifar10Downloads, type Download } from './cifar10/downloads.js';
import { cifar10 } from './cifar10/importer.js';
import { describe } from './images/found.js';
import { images } from './images/importer.js';
import type { Importer, Listing, ListOptions } from './listing.js';
import { otherFormat } from './otherFormats.js';
import { parquet } from './parquet/importer.js';
import { webdataset } from './webdataset/importer.js';

/** Every kind of source that can be imported; the first that recognises one reads it. */
export const importers: Importer[] = [cifar10, cifar100, idx, stl10, svhn, numpy, parquet, arrow, webdataset, images];

/** What can be imported by a keyword, from its official URL. */
export const downloads = {
  cifar10: cifar10Downloads.python,
  'cifar10:binary': cifar10Downloads.binary,
} satisfies Record<string, Download>;
export type DownloadKeyword = keyof typeof downloads;

/** @throws InvalidInputError when no importer recognises the source, or the one that does finds it incomplete */
export async function listSource(archive: Archive, options: ListOptions): Promise<Listing> {
  const importer = importers.find((candidate) => candidate.recognises(archive));
  if (importer !== undefined) {
    const listing = await importer.list(archive, options);
    const notes = [...archive.notes, ...listing.notes];
    return { ...listing, notes, warnings: [...archive.warnings, ...listing.warnings] };
  }
  const other = otherFormat(archive.files.map(({ path }) => path));
  if (other !== null) throw new InvalidInputError(`${archive.path}: ${other}`);
  const found = describe(archive.files.map(({ path }) => path));
  const leftOut = archive.warnings.slice(0, 3).map((warning) => `. ${warning}`);
  throw new InvalidInputError(
    `${archive.path} has ${found}, and nothing that can be imported; put images into <class>/<file>, or ` +
      `train/<class>/<file> and test/<class>/<file> (docs/data.md has all that imports)${leftOut.join('')}`,
  );
}
