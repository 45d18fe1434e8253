import { InvalidInputError } from '@trainyard/contracts';
import { readEntries } from '../../archives/index.js';
import type { Archive, Importer, ImportOptions, ImportPlan } from '../importer.js';
import { sizeOf } from './decode.js';
import { isImageFolder, type Layout, layOutImages } from './layout.js';
import { writeImages } from './writeImages.js';

const maxSide = 1024;
const maxPackedBytes = 64 * 1024 ** 3;

/** Images as `train/<class>/<image>` and `test/<class>/<image>`, optionally below one top folder. */
export const imageFolder: Importer = { recognises: isImageFolder, plan };

async function plan(archive: Archive, { size }: ImportOptions): Promise<ImportPlan> {
  const { path } = archive;
  const layout = layOutImages(archive);
  const [height, width] = size ?? (await sizeOfFirst(archive, layout));
  if (Math.min(height, width) < 1 || Math.max(height, width) > maxSide) {
    throw new InvalidInputError(
      `Images of ${width}x${height} pixels cannot be trained on; choose a size of 1 to ${maxSide} a side (--size)`,
    );
  }
  const { classes, counts } = layout;
  const total = counts.train + counts.test;
  if (total * height * width * 3 > maxPackedBytes) {
    throw new InvalidInputError(`${path} would need more than ${maxPackedBytes} bytes; choose a smaller size (--size)`);
  }
  const decoding = { height, width, scale: size !== null };
  return {
    suggestedName: null,
    classes,
    imageShape: [height, width, 3],
    trainImages: counts.train,
    testImages: counts.test,
    write: (writer, onProgress) => writeImages({ archive, places: layout.places, decoding, writer, onProgress }),
  };
}

async function sizeOfFirst({ path, limits }: Archive, { places }: Layout): Promise<[number, number]> {
  for await (const entry of readEntries(path, limits)) {
    if (places.has(entry.path)) return sizeOf({ name: `${path}: ${entry.path}`, bytes: await entry.read() });
  }
  throw new InvalidInputError(`${path} changed while it was read; try again`);
}
