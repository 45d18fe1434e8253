import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ChannelMoments, type Dataset, InvalidInputError } from '@trainyard/contracts';
import { syncFolder } from '@trainyard/process';
import { readExactly, writeExactly } from './files.js';
import {
  bytesOfImage,
  type ImageShape,
  int32ToLittleEndian,
  layOutSections,
  type Section,
  type Split,
  type SplitSections,
} from './format.js';
import { reservedBytes, writeHeader } from './header.js';
import { PixelHistograms } from './moments.js';

const chunkBytes = 1024 * 1024;

export interface PackedOptions {
  name: string;
  version: number;
  classes: string[];
  imageShape: ImageShape;
  trainImages: number;
  testImages: number;
  /** For display: a file name, a URL, or `generated`. */
  source: string;
  sourceDigest?: string | null;
}

/**
 * Writes a packed file under a temporary name beside its own, and renames it when it is complete. Images may come in
 * any order and in any number of pieces, so that only the current piece has to be in memory.
 */
export class PackedWriter {
  /** How many images of each split were written; `finish` requires all of them. */
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
    this.sections = layOutSections(reservedBytes(options, options.imageShape[2]), options, this.imageBytes);
  }

  static async create(file: string, options: PackedOptions): Promise<PackedWriter> {
    const temporary = `${file}.writing-${process.pid}-${Math.random().toString(36).slice(2, 10)}`;
    return new PackedWriter(file, temporary, await open(temporary, 'wx+'), options);
  }

  /**
   * Writes consecutive images from index `start` of a split.
   * @param images `[labels.length, height, width, channels]`
   * @throws InvalidInputError for a label that names no class; RangeError for images of a wrong size or place
   */
  async write(split: Split, start: number, images: Uint8Array, labels: ArrayLike<number>): Promise<void> {
    if (images.length !== labels.length * this.imageBytes) {
      throw new RangeError(`${labels.length} images of ${this.imageBytes} bytes cannot have ${images.length} bytes`);
    }
    const stored = this.labels[split];
    for (let i = 0; i < labels.length; i++) {
      const label = Number(labels[i]);
      if (!(Number.isInteger(label) && label >= 0 && label < this.options.classes.length)) {
        throw new InvalidInputError(`Label ${label} of ${split} image ${start + i} names no class`);
      }
      if (stored[start + i] !== -1) throw new RangeError(`${split} image ${start + i} is written twice or outside`);
      stored[start + i] = label;
    }
    await writeExactly(this.handle, this.sections[split].images.offset + start * this.imageBytes, images);
    this.written[split] += labels.length;
  }

  /** Writes labels and header, makes the file durable and renames it to its own name. */
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
    const { train, test } = sections;
    await writeHeader(handle, { dataset, sourceDigest: options.sourceDigest ?? null, train, test });
    await handle.truncate(dataset.bytes);
    await handle.sync();
    return dataset;
  }

  /**
   * SHA-256 over shape, classes, counts and the sections. Name, version and time are left out, so that equal content
   * has equal digests. Mean and std per channel are those of the training pixels scaled to [0, 1].
   */
  private async digestAndMoments(): Promise<ChannelMoments & { digest: string }> {
    const { imageShape, classes, trainImages, testImages } = this.options;
    const hash = createHash('sha256');
    hash.update(JSON.stringify({ imageShape, classes, trainImages, testImages }));
    const histograms = new PixelHistograms(imageShape[2]);
    await this.digestSection(hash, this.sections.train.images, (chunk) => histograms.add(chunk));
    await this.digestSection(hash, this.sections.train.labels);
    await this.digestSection(hash, this.sections.test.images);
    await this.digestSection(hash, this.sections.test.labels);
    return { digest: hash.digest('hex'), ...histograms.moments() };
  }

  private async digestSection(hash: Hash, section: Section, onChunk?: (chunk: Uint8Array) => void): Promise<void> {
    for (let done = 0; done < section.bytes; done += chunkBytes) {
      const bytes = Math.min(chunkBytes, section.bytes - done);
      const chunk = await readExactly(this.handle, section.offset + done, bytes);
      hash.update(chunk);
      onChunk?.(chunk);
    }
  }
}
