import type { Archive } from '../archives/archive.js';
import type { ListedPicture, Listing } from './listing.js';
import { pictureOf } from './pictureOf.js';

/** Reads the pictures of a listing whose names are the paths of image files. */
export async function* readFiles(
  archive: Archive,
  pictures: ListedPicture[],
  wanted: (index: number) => boolean = () => true,
): ReturnType<Listing['read']> {
  const indexOf = new Map(pictures.map(({ name }, index) => [name, index]));
  const isWanted = (path: string) => {
    const index = indexOf.get(path);
    return index !== undefined && wanted(index);
  };
  for await (const file of archive.read(isWanted)) {
    const index = indexOf.get(file.path) as number;
    yield { index, ...(await pictureOf(file)) };
  }
}
