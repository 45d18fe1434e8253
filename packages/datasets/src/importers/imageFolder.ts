import { InvalidInputError } from '@trainyard/contracts';
import sharp, { type Sharp } from 'sharp';
import { type ArchiveLimits, type Entry, readEntries } from '../archives.js';
import type { PackedWriter, Split } from '../packed.js';
import type { OnProgress } from '../progress.js';
import { isPlainJpeg } from './plainJpeg.js';
import type { ImportPlan } from './plan.js';

export interface ImageFolderOptions {
  /** `[height, width]` to which every image is scaled, cropping what sticks out; null: all must have one size. */
  size: [number, number] | null;
}

/** Larger ones are refused before they are decoded. */
const maxPixels = 32 * 1024 * 1024;
const maxSide = 1024;
const maxPackedBytes = 64 * 1024 ** 3;
/** Images, or rows of them, decoded at once: enough to keep libuv's four threads busy while JavaScript turns to the next. */
const inFlight = 8;
const rowImages = 32;

interface Place {
  split: Split;
  index: number;
  label: number;
}

/**
 * `train/<class>/<image>` and `test/<class>/<image>`, perhaps under one top folder. Classes get their labels in
 * alphabetical order, images their places by class and file name, so that the order in an archive does not matter.
 * Images become RGB; what is transparent becomes black.
 */
export async function planImageFolder(
  path: string,
  paths: string[],
  options: ImageFolderOptions,
  limits?: ArchiveLimits,
): Promise<ImportPlan> {
  const { classes, places, counts } = placeImages(path, paths);
  const [height, width] = options.size ?? (await sizeOfFirst(path, places, limits));
  if (Math.min(height, width) < 1 || Math.max(height, width) > maxSide) {
    throw new InvalidInputError(
      `Images of ${width}x${height} pixels cannot be trained on; choose a size of 1 to ${maxSide} a side (--size)`,
    );
  }
  const total = counts.train + counts.test;
  if (total * height * width * 3 > maxPackedBytes) {
    throw new InvalidInputError(`${path} makes more than ${maxPackedBytes} bytes; choose a smaller size (--size)`);
  }
  return {
    classes,
    imageShape: [height, width, 3],
    trainImages: counts.train,
    testImages: counts.test,
    write: (writer, onProgress) => writeImages({ path, places, height, width, options, limits, writer, onProgress }),
  };
}

interface WriteJob {
  path: string;
  places: Map<string, Place>;
  height: number;
  width: number;
  options: ImageFolderOptions;
  limits: ArchiveLimits | undefined;
  writer: PackedWriter;
  onProgress: OnProgress;
}

/** An image on its way from the archive to its place. */
interface Pending {
  entry: string;
  bytes: Buffer;
  place: Place;
}

async function writeImages(job: WriteJob): Promise<void> {
  // One image is far too small to be worth splitting among threads; several at once keep the cores busy.
  sharp.concurrency(1);
  sharp.cache(false);
  const pool = new Pool(inFlight);
  let row: Pending[] = [];
  let done = 0;
  const convert = async (images: Pending[]) => {
    const pixels = await decodeAll(job, images);
    await writeAll(job, images, pixels);
    done += images.length;
    job.onProgress({ phase: 'importing', done, total: job.places.size });
  };
  const startRow = () => {
    const images = row;
    row = [];
    return images.length > 0 ? pool.start(() => convert(images)) : undefined;
  };
  try {
    await readEntries(
      job.path,
      async (entry) => {
        const place = job.places.get(entry.path);
        if (place === undefined) return;
        const image = { entry: entry.path, bytes: await entry.read(), place };
        if (!goesInRow(job, image)) return pool.start(() => convert([image]));
        row.push(image);
        if (row.length === rowImages) await startRow();
      },
      job.limits,
    );
    await startRow();
  } finally {
    await pool.settled();
  }
  pool.check();
}

function goesInRow({ options, height, width }: WriteJob, { bytes }: Pending): boolean {
  const small = height * width <= 128 * 128;
  return small && options.size === null && isPlainJpeg(bytes, height, width);
}

/**
 * `[images, height, width, 3]`. libvips spends far longer on setting up a decoder than on a small image itself; a row
 * of images that are joined by one pipeline takes half the time. When one of them is damaged, they are decoded one
 * by one, which tells its name.
 */
async function decodeAll(job: WriteJob, images: Pending[]): Promise<Uint8Array> {
  if (images.length > 1) {
    const joined = await decodeRow(job, images).catch(() => null);
    if (joined !== null) return joined;
  }
  const imageBytes = job.height * job.width * 3;
  const pixels = new Uint8Array(images.length * imageBytes);
  for (const [i, { entry, bytes }] of images.entries()) {
    pixels.set(await decode(job, entry, bytes), i * imageBytes);
  }
  return pixels;
}

async function decodeRow({ height, width }: WriteJob, images: Pending[]): Promise<Uint8Array | null> {
  const { data, info } = await sharp(
    images.map(({ bytes }) => bytes),
    { join: { across: 1 }, limitInputPixels: maxPixels },
  )
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const whole = info.width === width && info.height === height * images.length && info.channels === 3;
  return whole ? data : null;
}

/** Writes runs of neighbours together; archives mostly hold images in the order of their places. */
async function writeAll({ writer, height, width }: WriteJob, images: Pending[], pixels: Uint8Array): Promise<void> {
  const imageBytes = height * width * 3;
  const place = (i: number) => (images[i] as Pending).place;
  for (let start = 0, end = 1; start < images.length; start = end++) {
    while (end < images.length && follows(place(end - 1), place(end))) end++;
    const labels = images.slice(start, end).map((image) => image.place.label);
    const run = pixels.subarray(start * imageBytes, end * imageBytes);
    await writer.write(place(start).split, place(start).index, run, labels);
  }
}

function follows(one: Place, next: Place): boolean {
  return next.split === one.split && next.index === one.index + 1;
}

/** Runs at most `size` tasks at once. The first failure is thrown by the next `start` or `check`. */
class Pool {
  private readonly running = new Set<Promise<void>>();
  private failure: { error: unknown } | null = null;

  constructor(private readonly size: number) {}

  /** Resolves when there was room for the task, not when it has ended. */
  async start(task: () => Promise<void>): Promise<void> {
    while (this.running.size >= this.size) await Promise.race(this.running);
    this.check();
    const run = task()
      .catch((error) => {
        this.failure ??= { error };
      })
      .finally(() => this.running.delete(run));
    this.running.add(run);
  }

  async settled(): Promise<void> {
    await Promise.all(this.running);
  }

  check(): void {
    if (this.failure) throw this.failure.error;
  }
}

/** `[height, width, 3]`, uint8. */
async function decode({ path, height, width, options }: WriteJob, entry: string, bytes: Buffer): Promise<Uint8Array> {
  const image = openImage(path, entry, bytes).autoOrient().flatten().toColourspace('srgb');
  if (options.size) image.resize(width, height, { fit: 'cover' });
  const { data, info } = await image
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: Error) => {
      throw unreadable(path, entry, error);
    });
  if (info.width !== width || info.height !== height || info.channels !== 3) {
    throw new InvalidInputError(
      `${path}: ${entry} has ${info.width}x${info.height} pixels, but others ${width}x${height}; ` +
        'make all of one size, or choose one for all (--size)',
    );
  }
  return data;
}

async function sizeOfFirst(
  path: string,
  places: Map<string, Place>,
  limits?: ArchiveLimits,
): Promise<[number, number]> {
  const found: { size: [number, number] | null } = { size: null };
  const stop = new Error('found');
  await readEntries(
    path,
    async (entry: Entry) => {
      if (!places.has(entry.path)) return;
      const image = openImage(path, entry.path, await entry.read());
      const meta = await image.metadata().catch((error: Error) => {
        throw unreadable(path, entry.path, error);
      });
      found.size = [meta.autoOrient.height, meta.autoOrient.width];
      throw stop;
    },
    limits,
  ).catch((error) => {
    if (error !== stop) throw error;
  });
  if (found.size === null) throw new InvalidInputError(`${path} changed while it was read; try again`);
  return found.size;
}

/** Looks at the first bytes itself: libvips would also open formats that carry programs or name other files. */
function openImage(path: string, entry: string, bytes: Buffer): Sharp {
  const head = bytes.subarray(0, 12).toString('latin1');
  const known = head.startsWith('\xff\xd8\xff') || head.startsWith('\x89PNG\r\n\x1a\n') || /^RIFF.{4}WEBP/s.test(head);
  if (!known) throw new InvalidInputError(`${path}: ${entry} is not a JPEG, PNG or WebP image; remove or convert it`);
  return sharp(bytes, { limitInputPixels: maxPixels });
}

function unreadable(path: string, entry: string, error: Error): InvalidInputError {
  if (error.message.includes('pixel limit')) {
    return new InvalidInputError(`${path}: ${entry} has more than ${maxPixels} pixels; scale it down`);
  }
  return new InvalidInputError(`${path}: ${entry} is a damaged image (${error.message.trim()}); replace or remove it`);
}

/** True when some path looks like `train/<class>/<file>`, with or without one folder above. */
export function isImageFolder(paths: string[]): boolean {
  return paths.some((path) => /^([^/]+\/)?train\/[^/]+\/[^/]+$/.test(path));
}

function placeImages(path: string, paths: string[]) {
  const root = rootOf(path, paths);
  const found: Record<Split, { path: string; className: string; file: string }[]> = { train: [], test: [] };
  for (const file of paths) {
    if (!file.startsWith(root) || isLitter(file)) continue;
    const [split, className, name, ...deeper] = file.slice(root.length).split('/');
    if ((split !== 'train' && split !== 'test') || className === undefined) continue;
    if (name === undefined || deeper.length > 0) {
      throw new InvalidInputError(`${path}: ${file} must lie in ${split}/<class>/, neither above nor deeper`);
    }
    found[split].push({ path: file, className, file: name });
  }
  const classes = [...new Set(found.train.map((image) => image.className))].sort();
  checkSplits(path, classes, found);
  const labels = new Map(classes.map((name, label) => [name, label]));
  const places = new Map<string, Place>();
  for (const split of ['train', 'test'] as const) {
    found[split].sort((a, b) => compare(a.className, b.className) || compare(a.file, b.file));
    found[split].forEach((image, index) => {
      places.set(image.path, { split, index, label: labels.get(image.className) as number });
    });
  }
  return { classes, places, counts: { train: found.train.length, test: found.test.length } };
}

function checkSplits(path: string, classes: string[], found: Record<Split, { className: string }[]>): void {
  const layout = 'lay the images out as train/<class>/<file> and test/<class>/<file>';
  if (classes.length < 2) {
    throw new InvalidInputError(`${path} has ${classes.length} classes below train/, but two are needed; ${layout}`);
  }
  if (found.test.length === 0) throw new InvalidInputError(`${path} has no images below test/; ${layout}`);
  const unknown = [...new Set(found.test.map((image) => image.className))].filter((name) => !classes.includes(name));
  if (unknown.length > 0) {
    throw new InvalidInputError(`${path} has no training images of the test classes ${unknown.sort().join(', ')}`);
  }
}

/** The path, with its `/`, of the folder that holds `train`: nothing, or the one top folder. */
function rootOf(path: string, paths: string[]): string {
  if (paths.some((file) => file.startsWith('train/'))) return '';
  const tops = new Set(paths.filter((file) => file.split('/')[1] === 'train').map((file) => `${file.split('/')[0]}/`));
  if (tops.size > 1) {
    throw new InvalidInputError(
      `${path} holds several datasets (${[...tops].sort().join(', ')}); import them one by one`,
    );
  }
  return [...tops][0] ?? '';
}

/** What operating systems leave in folders and archives without being asked. */
function isLitter(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') || /^(__MACOSX|Thumbs\.db|desktop\.ini)$/i.test(part));
}

/** By code unit: the order must not depend on the locale. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
