import type { ListedPicture, Listing, Picture } from '../importers/listing.js';
import type { PackedWriter } from '../packed/writer.js';
import type { DecodedBatch, Decoder, PixelOptions } from '../pixels/picture.js';
import type { OnProgress } from '../progress.js';
import type { Arrangement } from './arrange.js';
import type { Faults } from './faults.js';

const mostInBatch = 64;
const batchBytes = 8 * 1024 ** 2;
/** A picture of more pixels keeps a thread busy for so long that it is worth a batch of its own. */
const largePixels = 1024 * 1024;

export interface PictureWrite {
  listing: Listing;
  arrangement: Arrangement;
  pixelOptions: PixelOptions;
  /** Pixels of a typical picture of the source. */
  typicalPixels: number;
  decoder: Decoder;
  writer: PackedWriter;
  faults: Faults;
  /** Called with every decoded batch, before it is written. */
  onBatch(indices: number[], batch: DecodedBatch): void;
  onProgress: OnProgress;
  signal?: AbortSignal;
}

export interface PixelCounts {
  /** Pictures that were read, whether they can be used or not. */
  done: number;
  /** Pictures that had something that the user should know of. */
  transparent: number;
  cropped: number;
}

/**
 * Reads the pictures once, and decodes and writes several batches at the same time.
 * @throws the first error, once no batch is being written any more
 */
export async function writePictures(job: PictureWrite): Promise<PixelCounts> {
  const { arrangement, decoder, pixelOptions } = job;
  const total = arrangement.labels.reduce((count, label) => count + (label >= 0 ? 1 : 0), 0);
  const counts = { done: 0, transparent: 0, cropped: 0 };
  const batches = batchesOf(job);
  const writeSome = async () => {
    for await (const { indices, pictures, missing } of batches) {
      job.signal?.throwIfAborted();
      for (const { index, reason } of missing) leaveOut(job, index, reason);
      const batch = await decoder.decode(pictures, pixelOptions);
      counts.transparent += batch.transparent;
      counts.cropped += batch.cropped;
      for (const { index, reason } of batch.faults) leaveOut(job, indices[index] as number, reason);
      job.onBatch(indices, batch);
      await writeRuns(job, indices, batch);
      counts.done += indices.length + missing.length;
      job.onProgress({ phase: 'importing', done: counts.done, total });
    }
  };
  // Each takes the next batch of the one generator when it has written its last, so that few are in memory at a time.
  const ends = await Promise.allSettled(Array.from({ length: decoder.parallel }, writeSome));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return counts;
}

function leaveOut({ listing, arrangement, writer, faults }: PictureWrite, index: number, reason: string): void {
  faults.add((listing.pictures[index] as ListedPicture).name, reason);
  writer.leaveOut(sectionOf(arrangement, index), arrangement.places[index] as number);
}

const sectionOf = (arrangement: Arrangement, index: number) => (arrangement.inTest(index) ? 'test' : 'train');

interface Batch {
  /** Of each picture in the listing. */
  indices: number[];
  pictures: Picture[];
  missing: { index: number; reason: string }[];
}

async function* batchesOf({ listing, arrangement, typicalPixels }: PictureWrite): AsyncGenerator<Batch> {
  const most = typicalPixels > largePixels ? 1 : mostInBatch;
  let batch: Batch = { indices: [], pictures: [], missing: [] };
  let bytes = 0;
  for await (const read of listing.read((index) => arrangement.labels[index] !== -1)) {
    if ('fault' in read) {
      batch.missing.push({ index: read.index, reason: read.fault });
    } else {
      batch.indices.push(read.index);
      batch.pictures.push(read.picture);
      bytes += bytesOf(read.picture);
    }
    if (batch.indices.length < most && bytes < batchBytes) continue;
    yield batch;
    batch = { indices: [], pictures: [], missing: [] };
    bytes = 0;
  }
  if (batch.indices.length + batch.missing.length > 0) yield batch;
}

function bytesOf(picture: Picture): number {
  if (picture.kind === 'file') return 0;
  return picture.kind === 'encoded' ? picture.bytes.length : picture.pixels.length;
}

/** Writes neighbours together; most sources store pictures in the order of their places. */
async function writeRuns(job: PictureWrite, indices: number[], { pixels, faults }: DecodedBatch): Promise<void> {
  const { arrangement, pixelOptions, writer } = job;
  const imageBytes = pixelOptions.height * pixelOptions.width * pixelOptions.channels;
  const unusable = new Set(faults.map(({ index }) => index));
  const placeOf = (i: number) => arrangement.places[indices[i] as number] as number;
  for (let start = 0; start < indices.length; ) {
    if (unusable.has(start)) {
      start++;
      continue;
    }
    const section = sectionOf(arrangement, indices[start] as number);
    let end = start + 1;
    while (
      end < indices.length &&
      !unusable.has(end) &&
      placeOf(end) === placeOf(end - 1) + 1 &&
      sectionOf(arrangement, indices[end] as number) === section
    ) {
      end++;
    }
    const labels = indices.slice(start, end).map((index) => arrangement.labels[index] as number);
    await writer.write(section, placeOf(start), pixels.subarray(start * imageBytes, end * imageBytes), labels);
    start = end;
  }
}
