import { readEntries } from '../../archives/index.js';
import type { PackedWriter } from '../../packed/writer.js';
import type { OnProgress } from '../../progress.js';
import type { Archive } from '../importer.js';
import { canBeJoined, configureSharp, type DecodeOptions, decodeImages, type ImageFile } from './decode.js';
import type { Place } from './layout.js';

/** Groups that are decoded at once: enough to keep libuv's four threads busy while JavaScript prepares the next. */
const concurrency = 8;
const groupSize = 32;

export interface ImageWrite {
  archive: Archive;
  /** By the path in the archive. */
  places: Map<string, Place>;
  decoding: DecodeOptions;
  writer: PackedWriter;
  onProgress: OnProgress;
}

/** An image between the archive and its place. */
interface PlacedImage extends ImageFile {
  place: Place;
}

/**
 * Reads the archive once and writes every image that has a place, decoding several groups at the same time.
 * @throws the error of a group or of the archive, once no group is being written any more
 */
export async function writeImages(job: ImageWrite): Promise<void> {
  configureSharp();
  let done = 0;
  const writeGroup = async (group: PlacedImage[]) => {
    const pixels = await decodeImages(group, job.decoding);
    await writeRuns(job, group, pixels);
    done += group.length;
    job.onProgress({ phase: 'importing', done, total: job.places.size });
  };
  // Each takes the next group of the one generator when it has written its last, so that few are in memory at a time.
  const groups = groupsOf(job);
  const writeSome = async () => {
    for await (const group of groups) await writeGroup(group);
  };
  const ends = await Promise.allSettled(Array.from({ length: concurrency }, writeSome));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** Images in the order of the archive: those that can be decoded together in groups, the others alone. */
async function* groupsOf({ archive, places, decoding }: ImageWrite): AsyncGenerator<PlacedImage[]> {
  let group: PlacedImage[] = [];
  for await (const entry of readEntries(archive.path, archive.limits)) {
    const place = places.get(entry.path);
    if (place === undefined) continue;
    const image = { name: `${archive.path}: ${entry.path}`, bytes: await entry.read(), place };
    if (!canBeJoined(image, decoding)) {
      yield [image];
      continue;
    }
    group.push(image);
    if (group.length < groupSize) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** Writes neighbours together; most archives store images in the order of their places. */
async function writeRuns({ writer, decoding }: ImageWrite, images: PlacedImage[], pixels: Uint8Array): Promise<void> {
  const imageBytes = decoding.height * decoding.width * 3;
  let start = 0;
  for (const run of runsOf(images)) {
    const end = start + run.images.length;
    const labels = run.images.map(({ place }) => place.label);
    await writer.write(run.first.split, run.first.index, pixels.subarray(start * imageBytes, end * imageBytes), labels);
    start = end;
  }
}

/** Cuts a list of images where the next image's place does not follow the one before. */
function runsOf(images: PlacedImage[]): { first: Place; images: PlacedImage[] }[] {
  const runs: { first: Place; images: PlacedImage[] }[] = [];
  for (const image of images) {
    const run = runs.at(-1);
    const follows =
      run !== undefined &&
      image.place.split === run.first.split &&
      image.place.index === run.first.index + run.images.length;
    if (follows) run.images.push(image);
    else runs.push({ first: image.place, images: [image] });
  }
  return runs;
}
