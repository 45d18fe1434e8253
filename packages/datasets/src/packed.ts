import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Dataset, datasetSchema, InvalidInputError } from '@trainyard/contracts';
import { z } from 'zod';

/*
 * The packed format, which trainers map into memory:
 *
 *   bytes 0-7     magic "TRNYARD\0"
 *   bytes 8-11    format version, uint32 LE
 *   bytes 12-15   length of the header, uint32 LE
 *   bytes 16-     header: UTF-8 JSON (packedHeaderSchema)
 *   then four sections, each starting at a multiple of 4096:
 *     train images  uint8 [images, height, width, channels]
 *     train labels  int32 LE [images]
 *     test images, test labels, the same way
 */
const magic = Buffer.from('TRNYARD\0', 'latin1');
const formatVersion = 1;
const alignment = 4096;
const maxHeaderBytes = 4 * 1024 * 1024;
const chunkBytes = 1024 * 1024;

const sectionSchema = z.object({ offset: z.int().min(0), bytes: z.int().min(0) });
const splitSectionsSchema = z.object({ images: sectionSchema, labels: sectionSchema });
const packedHeaderSchema = z.object({
  dataset: datasetSchema,
  /** What was imported, digested before decoding it: the same source again needs no second look at its pixels. */
  sourceDigest: z.string().nullable(),
  train: splitSectionsSchema,
  test: splitSectionsSchema,
});
type PackedHeader = z.infer<typeof packedHeaderSchema>;

export type Split = 'train' | 'test';
/** Place of a section in the packed file, in bytes. */
export type Section = z.infer<typeof sectionSchema>;
export type SplitSections = z.infer<typeof splitSectionsSchema>;

export interface PackedDataset {
  dataset: Dataset;
  sourceDigest: string | null;
  train: SplitSections;
  test: SplitSections;
  /** All labels of a split, `[images]`, each in 0 .. classes - 1. */
  readLabels(split: Split): Promise<Int32Array>;
  /** The chosen images, `[indices.length, height, width, channels]`, uint8. Throws RangeError for an index outside. */
  readImages(split: Split, indices: ArrayLike<number>): Promise<Uint8Array>;
}

/** Opens a packed file: reads and checks its header. Throws InvalidInputError when it is not one, or is cut short. */
export async function openPacked(file: string): Promise<PackedDataset> {
  const header = await readHeader(file).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new InvalidInputError(`${file} does not exist; import the dataset again`) : error;
  });
  const { dataset } = header;
  const imageBytes = bytesOfImage(dataset.imageShape);
  return {
    dataset,
    sourceDigest: header.sourceDigest,
    train: header.train,
    test: header.test,
    async readLabels(split) {
      const { offset, bytes } = header[split].labels;
      return withFile(file, async (handle) => int32FromLittleEndian(await readExactly(handle, offset, bytes)));
    },
    async readImages(split, indices) {
      const { offset, bytes } = header[split].images;
      const images = new Uint8Array(indices.length * imageBytes);
      await withFile(file, async (handle) => {
        for (let i = 0; i < indices.length; i++) {
          const start = Number(indices[i]) * imageBytes;
          if (!(start >= 0 && start + imageBytes <= bytes)) {
            throw new RangeError(`${dataset.name} has no ${split} image ${indices[i]}`);
          }
          await readExactly(handle, offset + start, imageBytes, images.subarray(i * imageBytes, (i + 1) * imageBytes));
        }
      });
      return images;
    },
  };
}

export interface PackedOptions {
  name: string;
  version: number;
  classes: string[];
  /** `[height, width, channels]` */
  imageShape: [number, number, number];
  trainImages: number;
  testImages: number;
  /** For people: a file name, a URL, or `generated`. */
  source: string;
  sourceDigest?: string | null;
}

/**
 * Writes a packed file beside its place and renames it when it is whole. Images may come in any order and in any
 * number of pieces, so that memory holds no more than the piece at hand.
 */
export class PackedWriter {
  /** How many images of each split were written; `finish` insists on all of them. */
  private readonly written = { train: 0, test: 0 };
  private readonly labels: Record<Split, Int32Array>;
  private readonly sections: Record<Split, SplitSections>;
  private readonly imageBytes: number;

  private constructor(
    private readonly file: string,
    private readonly temporary: string,
    private readonly handle: FileHandle,
    private readonly options: PackedOptions,
  ) {
    this.imageBytes = bytesOfImage(options.imageShape);
    this.labels = {
      train: new Int32Array(options.trainImages).fill(-1),
      test: new Int32Array(options.testImages).fill(-1),
    };
    this.sections = layOut(headerRoom(options), options, this.imageBytes);
  }

  static async create(file: string, options: PackedOptions): Promise<PackedWriter> {
    const temporary = `${file}.writing-${process.pid}-${Math.random().toString(36).slice(2, 10)}`;
    return new PackedWriter(file, temporary, await open(temporary, 'wx+'), options);
  }

  /** Writes consecutive images from index `start` of a split; `images` is `[labels.length, height, width, channels]`. */
  async write(split: Split, start: number, images: Uint8Array, labels: ArrayLike<number>): Promise<void> {
    if (images.length !== labels.length * this.imageBytes) {
      throw new RangeError(`${labels.length} images of ${this.imageBytes} bytes cannot have ${images.length} bytes`);
    }
    const places = this.labels[split];
    for (let i = 0; i < labels.length; i++) {
      const label = Number(labels[i]);
      if (!(Number.isInteger(label) && label >= 0 && label < this.options.classes.length)) {
        throw new InvalidInputError(`Label ${label} of ${split} image ${start + i} names no class`);
      }
      if (places[start + i] !== -1) throw new RangeError(`${split} image ${start + i} is written twice or outside`);
      places[start + i] = label;
    }
    await writeExactly(this.handle, this.sections[split].images.offset + start * this.imageBytes, images);
    this.written[split] += labels.length;
  }

  /** Writes labels and header, makes the file durable and gives it its name. */
  async finish(): Promise<Dataset> {
    try {
      const dataset = await this.complete();
      await this.handle.close();
      await rename(this.temporary, this.file);
      await syncFolder(dirname(this.file));
      return dataset;
    } catch (error) {
      await this.abandon();
      throw error;
    }
  }

  /** Removes what was written so far. */
  async abandon(): Promise<void> {
    await this.handle.close().catch(() => {});
    await rm(this.temporary, { force: true });
  }

  private async complete(): Promise<Dataset> {
    const { handle, options, sections } = this;
    const { trainImages, testImages } = options;
    if (this.written.train !== trainImages || this.written.test !== testImages) {
      throw new Error(`only ${this.written.train} of ${trainImages} and ${this.written.test} of ${testImages} written`);
    }
    for (const split of ['train', 'test'] as const) {
      await writeExactly(handle, sections[split].labels.offset, int32ToLittleEndian(this.labels[split]));
    }
    const { digest, mean, std } = await this.digestAndMoments();
    const dataset: Dataset = {
      name: options.name,
      version: options.version,
      digest,
      imageShape: options.imageShape,
      classes: options.classes,
      trainImages,
      testImages,
      mean,
      std,
      bytes: sections.test.labels.offset + sections.test.labels.bytes,
      source: options.source,
      importedAt: new Date().toISOString(),
    };
    await writeHeader(handle, { dataset, sourceDigest: options.sourceDigest ?? null, ...sections });
    await handle.truncate(dataset.bytes);
    await handle.sync();
    return dataset;
  }

  /**
   * SHA-256 over shape, classes, counts and the sections: not over the name, the version or the time, so that equal
   * content has equal digests. Mean and std a channel of the training pixels scaled to [0, 1].
   */
  private async digestAndMoments(): Promise<{ digest: string; mean: number[]; std: number[] }> {
    const { imageShape, classes, trainImages, testImages } = this.options;
    const hash = createHash('sha256');
    hash.update(JSON.stringify({ imageShape, classes, trainImages, testImages }));
    const moments = new ChannelMoments(imageShape[2]);
    await this.digestSection(hash, this.sections.train.images, (chunk) => moments.add(chunk));
    await this.digestSection(hash, this.sections.train.labels);
    await this.digestSection(hash, this.sections.test.images);
    await this.digestSection(hash, this.sections.test.labels);
    return { digest: hash.digest('hex'), ...moments.result() };
  }

  private async digestSection(hash: Hash, section: Section, visit?: (chunk: Uint8Array) => void): Promise<void> {
    for (let done = 0; done < section.bytes; done += chunkBytes) {
      const bytes = Math.min(chunkBytes, section.bytes - done);
      const chunk = await readExactly(this.handle, section.offset + done, bytes);
      hash.update(chunk);
      visit?.(chunk);
    }
  }
}

/** Images `[n, height, width, channels]` uint8 and their labels `[n]`. */
export interface LabelledImages {
  images: Uint8Array;
  labels: Int32Array;
}

/** Packs a small set that is already in memory. */
export async function writePacked(
  file: string,
  set: Omit<PackedOptions, 'trainImages' | 'testImages'> & { train: LabelledImages; test: LabelledImages },
): Promise<Dataset> {
  const { train, test, ...options } = set;
  const writer = await PackedWriter.create(file, {
    ...options,
    trainImages: train.labels.length,
    testImages: test.labels.length,
  });
  try {
    await writer.write('train', 0, train.images, train.labels);
    await writer.write('test', 0, test.images, test.labels);
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  return writer.finish();
}

/** Gives a packed file that nobody uses yet another version number; its digest stays. */
export async function setPackedVersion(file: string, version: number): Promise<Dataset> {
  const header = await readHeader(file);
  const dataset = { ...header.dataset, version };
  await withFile(
    file,
    async (handle) => {
      await writeHeader(handle, { ...header, dataset });
      await handle.sync();
    },
    'r+',
  );
  return dataset;
}

/** Makes a rename or link inside the folder survive a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  await withFile(folder, (handle) => handle.sync());
}

/** Sums by value: integer arithmetic, so that the moments do not depend on the order or size of the chunks. */
class ChannelMoments {
  private readonly counts: Float64Array[];

  constructor(private readonly channels: number) {
    this.counts = Array.from({ length: channels }, () => new Float64Array(256));
  }

  private phase = 0;

  add(pixels: Uint8Array): void {
    let channel = this.phase;
    for (const value of pixels) {
      const histogram = this.counts[channel] as Float64Array;
      histogram[value] = (histogram[value] as number) + 1;
      if (++channel === this.channels) channel = 0;
    }
    this.phase = channel;
  }

  result(): { mean: number[]; std: number[] } {
    const moments = this.counts.map((histogram) => {
      let count = 0;
      let sum = 0;
      let squares = 0;
      histogram.forEach((n, value) => {
        count += n;
        sum += n * value;
        squares += n * value * value;
      });
      const mean = count === 0 ? 0 : sum / count;
      const variance = count === 0 ? 0 : Math.max(0, squares / count - mean * mean);
      return { mean: mean / 255, std: Math.sqrt(variance) / 255 };
    });
    return { mean: moments.map((m) => m.mean), std: moments.map((m) => m.std) };
  }
}

function layOut(firstOffset: number, options: PackedOptions, imageBytes: number): Record<Split, SplitSections> {
  let offset = firstOffset;
  const section = (bytes: number): Section => {
    const placed = { offset: align(offset), bytes };
    offset = placed.offset + bytes;
    return placed;
  };
  const split = (images: number): SplitSections => ({
    images: section(images * imageBytes),
    labels: section(images * Int32Array.BYTES_PER_ELEMENT),
  });
  return { train: split(options.trainImages), test: split(options.testImages) };
}

/** Bytes to keep free for a header whose digest, moments, offsets and later version are not known yet. */
function headerRoom(options: PackedOptions): number {
  const known = Buffer.byteLength(JSON.stringify(options));
  return magic.length + 8 + known + 1024 + 64 * options.imageShape[2];
}

async function writeHeader(handle: FileHandle, header: PackedHeader): Promise<void> {
  const json = Buffer.from(JSON.stringify(header));
  if (magic.length + 8 + json.length > header.train.images.offset) throw new Error('the header outgrew its room');
  const prefix = Buffer.alloc(magic.length + 8);
  magic.copy(prefix);
  prefix.writeUInt32LE(formatVersion, 8);
  prefix.writeUInt32LE(json.length, 12);
  await writeExactly(handle, 0, Buffer.concat([prefix, json]));
}

async function readHeader(file: string): Promise<PackedHeader> {
  return withFile(file, async (handle) => {
    const size = (await handle.stat()).size;
    const wrong = (what: string) => new InvalidInputError(`${file} is not a usable packed dataset: ${what}`);
    if (size < magic.length + 8) throw wrong('it is too short');
    const prefix = Buffer.from(await readExactly(handle, 0, magic.length + 8));
    if (!prefix.subarray(0, magic.length).equals(magic)) throw wrong('it does not start with the format’s mark');
    if (prefix.readUInt32LE(8) !== formatVersion) {
      throw wrong(`it has format ${prefix.readUInt32LE(8)}, this version reads ${formatVersion}; import it again`);
    }
    const bytes = prefix.readUInt32LE(12);
    if (bytes > maxHeaderBytes || magic.length + 8 + bytes > size) throw wrong('its header is cut short');
    const header = parseHeader(Buffer.from(await readExactly(handle, magic.length + 8, bytes)).toString('utf8'));
    if (header === null) throw wrong('its header cannot be read');
    if (header.dataset.bytes !== size) throw wrong(`it has ${size} bytes instead of ${header.dataset.bytes}`);
    return header;
  });
}

function parseHeader(json: string): PackedHeader | null {
  try {
    return packedHeaderSchema.parse(JSON.parse(json));
  } catch {
    return null;
  }
}

async function withFile<T>(file: string, use: (handle: FileHandle) => Promise<T>, flags = 'r'): Promise<T> {
  const handle = await open(file, flags);
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

async function readExactly(
  handle: FileHandle,
  offset: number,
  bytes: number,
  into: Uint8Array = new Uint8Array(bytes),
): Promise<Uint8Array> {
  for (let done = 0; done < bytes; ) {
    const { bytesRead } = await handle.read(into, done, bytes - done, offset + done);
    if (bytesRead === 0) throw new Error(`the file ends at byte ${offset + done}`);
    done += bytesRead;
  }
  return into;
}

async function writeExactly(handle: FileHandle, offset: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
  }
}

// Written through DataView, so that a big-endian machine makes the same file.
function int32ToLittleEndian(values: Int32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, i) => {
    view.setInt32(i * 4, value, true);
  });
  return new Uint8Array(view.buffer);
}

function int32FromLittleEndian(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getInt32(i * 4, true));
}

function bytesOfImage([height, width, channels]: [number, number, number]): number {
  return height * width * channels;
}

function align(offset: number): number {
  return Math.ceil(offset / alignment) * alignment;
}
