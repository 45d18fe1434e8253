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
  type PackedDetail,
  type Section,
  type Split,
  type SplitSections,
} from './format.js';
import { fitRemarks, reservedBytes, writeHeader } from './header.js';
import { PixelHistograms } from './moments.js';

const chunkBytes = 1024 * 1024;
/** Label of an image that was not written. */
const unwritten = -1;
/** Label of an image that was left out. */
const leftOut = -2;

export interface PackedOptions {
  name: string;
  version: number;
  classes: string[];
  imageShape: ImageShape;
  trainImages: number;
  /** Images of the `train` split from index `trainImages` on; none where absent. */
  validationImages?: number;
  testImages: number;
  /** For display: a file name, a URL, or `generated`. */
  source: string;
  sourceDigest?: string | null;
  origin?: string | null;
}

/** What is known of a dataset when its images are written. */
export interface Remarks extends Partial<PackedDetail> {
  notes?: string[];
  warnings?: string[];
}

/**
 * Writes a packed file under a temporary name beside its own, and renames it when it is complete. Images may come in
 * any order and in any number of pieces, so that only the current piece has to be in memory.
 */
export class PackedWriter {
  private readonly labels: Record<Split, Int32Array>;
  private readonly sections: Record<Split, SplitSections>;
  private readonly imageBytes: number;
  private readonly counts: { trainImages: number; validationImages: number; testImages: number };

  private constructor(
    private readonly file: string,
    private readonly temporary: string,
    private readonly handle: FileHandle,
    private readonly options: PackedOptions,
  ) {
    const { trainImages, validationImages = 0, testImages } = options;
    this.counts = { trainImages, validationImages, testImages };
    this.imageBytes = bytesOfImage(options.imageShape);
    this.labels = {
      train: new Int32Array(trainImages + validationImages).fill(unwritten),
      test: new Int32Array(testImages).fill(unwritten),
    };
    this.sections = layOutSections(reservedBytes(options, options.imageShape[2]), this.counts, this.imageBytes);
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
    for (let i = 0; i < labels.length; i++) {
      const label = Number(labels[i]);
      if (!(Number.isInteger(label) && label >= 0 && label < this.options.classes.length)) {
        throw new InvalidInputError(`Label ${label} of ${split} image ${start + i} names no class`);
      }
      this.setLabel(split, start + i, label);
    }
    await writeExactly(this.handle, this.sections[split].images.offset + start * this.imageBytes, images);
  }

  /** Leaves an image out: those after it move up when the file is finished. */
  leaveOut(split: Split, index: number): void {
    this.setLabel(split, index, leftOut);
  }

  /** Writes labels and header, makes the file durable and renames it to its own name. */
  async finish(remarks: Remarks = {}): Promise<Dataset> {
    try {
      const dataset = await this.complete(remarks);
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

  private setLabel(split: Split, index: number, label: number): void {
    if (this.labels[split][index] !== unwritten) {
      throw new RangeError(`${split} image ${index} is written twice or outside`);
    }
    this.labels[split][index] = label;
  }

  private async complete(remarks: Remarks): Promise<Dataset> {
    const { handle, options } = this;
    for (const split of ['train', 'test'] as const) {
      const missing = this.labels[split].reduce((count, label) => count + (label === unwritten ? 1 : 0), 0);
      if (missing > 0) throw new Error(`${missing} of ${this.labels[split].length} ${split} images were not written`);
      await this.closeGaps(split);
      await writeExactly(handle, this.sections[split].labels.offset, int32ToLittleEndian(this.labels[split]));
    }
    const { train, test } = this.sections;
    const { skipped = [], skippedCount = 0, options: given = {} } = remarks;
    const json = Buffer.from(JSON.stringify({ skipped, skippedCount, options: given } satisfies PackedDetail));
    const detail = { offset: test.labels.offset + test.labels.bytes, bytes: json.length };
    await writeExactly(handle, detail.offset, json);
    const { digest, mean, std } = await this.digestAndMoments();
    const dataset: Dataset = {
      name: options.name,
      version: options.version,
      digest,
      imageShape: options.imageShape,
      classes: options.classes,
      ...this.counts,
      mean,
      std,
      bytes: detail.offset + detail.bytes,
      source: options.source,
      importedAt: new Date().toISOString(),
      ...fitRemarks(remarks.notes ?? [], remarks.warnings ?? []),
    };
    const { sourceDigest = null, origin = null } = options;
    await writeHeader(handle, { dataset, sourceDigest, origin, train, test, detail });
    await handle.truncate(dataset.bytes);
    await handle.sync();
    return dataset;
  }

  /** Moves the images of a split up to the places of those that were left out. */
  private async closeGaps(split: Split): Promise<void> {
    const labels = this.labels[split];
    if (!labels.includes(leftOut)) return;
    const { images } = this.sections[split];
    const inTraining = split === 'train' ? this.counts.trainImages : labels.length;
    const kept = labels.filter((label) => label !== leftOut);
    const keptInTraining = labels.subarray(0, inTraining).filter((label) => label !== leftOut).length;
    let to = 0;
    for (let from = 0; from < labels.length; ) {
      if (labels[from] === leftOut) {
        from++;
        continue;
      }
      let end = from;
      const mostAtOnce = Math.max(1, Math.floor(chunkBytes / this.imageBytes));
      while (end < labels.length && labels[end] !== leftOut && end - from < mostAtOnce) end++;
      if (to !== from) {
        const run = await readExactly(
          this.handle,
          images.offset + from * this.imageBytes,
          (end - from) * this.imageBytes,
        );
        await writeExactly(this.handle, images.offset + to * this.imageBytes, run);
      }
      to += end - from;
      from = end;
    }
    this.labels[split] = kept;
    images.bytes = kept.length * this.imageBytes;
    this.sections[split].labels.bytes = kept.length * Int32Array.BYTES_PER_ELEMENT;
    if (split === 'test') {
      this.counts.testImages = kept.length;
    } else {
      this.counts.trainImages = keptInTraining;
      this.counts.validationImages = kept.length - keptInTraining;
    }
  }

  /**
   * SHA-256 over shape, classes, counts and the sections. Name, version and time are left out, so that equal content
   * has equal digests. Mean and std per channel are those of the training pixels scaled to [0, 1].
   */
  private async digestAndMoments(): Promise<ChannelMoments & { digest: string }> {
    const { imageShape, classes } = this.options;
    const { trainImages, validationImages, testImages } = this.counts;
    const hash = createHash('sha256');
    // The key is absent where there are none, so that sets of format 1 keep their digests.
    const validation = validationImages > 0 ? { validationImages } : {};
    hash.update(JSON.stringify({ imageShape, classes, trainImages, ...validation, testImages }));
    const histograms = new PixelHistograms(imageShape[2]);
    let left = trainImages * this.imageBytes;
    await this.digestSection(hash, this.sections.train.images, (chunk) => {
      histograms.add(chunk.subarray(0, left));
      left -= Math.min(left, chunk.length);
    });
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
