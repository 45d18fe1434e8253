import { InvalidInputError } from '@trainyard/contracts';
import { type ArchiveLimits, defaultArchiveLimits } from '../../archives/limits.js';
import { openArchive } from '../../archives/openArchive.js';
import type { Picture } from '../listing.js';
import { pictureOf } from '../pictureOf.js';
import { mayBeImage } from './imageFiles.js';

/** An image file as it is read: its pixels, or why there are none, continuing the sentence "<name> ...". */
export type NamedPicture = { name: string } & ({ picture: Picture } | { fault: string });

export interface ImageFiles {
  /** Image files, whether they can be read or not. */
  count: number;
  /** Each once, in the order in which they are stored. */
  read(): AsyncGenerator<NamedPicture>;
  close(): Promise<void>;
}

/**
 * The image files of a folder or an archive, whatever folders they are in, or a file that is one image; files that are
 * none by their names are left out.
 * @param limits in place of the default ones
 * @throws InvalidInputError for an archive that is damaged or hostile, or has no image; `read` also throws it
 */
export async function openImages(path: string, limits: Partial<ArchiveLimits> = {}): Promise<ImageFiles> {
  const archive = await openArchive(path, { limits: { ...defaultArchiveLimits, ...limits } });
  const names = archive.files.map((file) => file.path).filter((name) => mayBeImage(name));
  if (names.length === 0) {
    await archive.close();
    throw new InvalidInputError(`${path} has no image files; JPEG, PNG, WebP, GIF, TIFF, AVIF, BMP and PNM are read`);
  }
  return {
    count: names.length,
    async *read() {
      for await (const file of archive.read(mayBeImage)) yield { name: file.path, ...(await pictureOf(file)) };
    },
    close: () => archive.close(),
  };
}
