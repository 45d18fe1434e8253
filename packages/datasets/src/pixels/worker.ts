import { move, transferableSymbol, valueSymbol, workerData } from 'piscina';
import type { Picture } from '../importers/listing.js';
import { type Task, unpackBatch } from './batch.js';
import { copyTo } from './channels.js';
import { decodePicture, pictureSize } from './decodePicture.js';
import type { MemoryInUse } from './memory.js';
import type { DecodedBatch, PixelOptions } from './picture.js';
import { ImageFault } from './raster.js';

const memory = workerData as MemoryInUse;

/** What a thread of the decoder runs. */
export default async function work(task: Task): Promise<unknown> {
  const pictures = unpackBatch(task.pack);
  if (task.kind === 'decode') return await decodeBatch(pictures, task.options);
  const [picture] = pictures as [Picture];
  return await pictureSize(picture).catch((error: Error) => ({ reason: reasonOf(error) }));
}

async function decodeBatch(pictures: Picture[], options: PixelOptions): Promise<unknown> {
  const imageBytes = options.height * options.width * options.channels;
  const pixels = new Uint8Array(pictures.length * imageBytes);
  const batch: DecodedBatch = { pixels, faults: [], transparent: 0, cropped: 0 };
  for (const [index, picture] of pictures.entries()) {
    try {
      const { image, transparent, cropped } = await decodePicture(picture, options, memory);
      copyTo(pixels.subarray(index * imageBytes, (index + 1) * imageBytes), image, options.channels);
      if (transparent) batch.transparent++;
      if (cropped) batch.cropped++;
    } catch (error) {
      batch.faults.push({ index, reason: reasonOf(error as Error) });
    }
  }
  // Moved to the caller, not copied.
  return move({ [transferableSymbol]: pixels.buffer, [valueSymbol]: batch });
}

/** An error that is no fault of the picture's own is named as well: one picture must not stop all others. */
function reasonOf(error: Error): string {
  return error instanceof ImageFault ? error.message : `cannot be decoded (${error.message})`;
}
