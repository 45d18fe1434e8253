import type { ImageShape } from '../packed/format.js';
import { findContradictions, findDuplicates, type Pair } from './duplicates.js';
import { type PixelRange, Thumbnailer, Thumbnails } from './thumbnails.js';

/** A class with fewer training images is hardly learned. */
const fewImages = 10;
/** 0 to 255: a picture that is nowhere brighter is nearly black. Values of 12 bits in 16 reach 15. */
const darkHighest = 32;
const mostExamples = 3;

export interface AnalysedSet {
  classes: string[];
  imageShape: ImageShape;
  /** Images of the train section, validation images included, and of the test section. */
  sizes: Record<Section, number>;
}

export type Section = 'train' | 'test';

interface Noticed {
  count: number;
  examples: string[];
}

/** Looks at every image of an import once, and says what is probably not as its owner wants it. */
export class SetAnalysis {
  private readonly thumbnails: Record<Section, Thumbnails>;
  private readonly labels: Record<Section, Int32Array>;
  private readonly thumbnailer: Thumbnailer;
  private readonly plain: Noticed = { count: 0, examples: [] };
  private readonly dark: Noticed = { count: 0, examples: [] };
  private images = 0;

  constructor(private readonly set: AnalysedSet) {
    const { sizes, imageShape } = set;
    this.thumbnails = { train: new Thumbnails(sizes.train), test: new Thumbnails(sizes.test) };
    this.labels = { train: new Int32Array(sizes.train).fill(-1), test: new Int32Array(sizes.test).fill(-1) };
    this.thumbnailer = new Thumbnailer(imageShape);
  }

  /**
   * @param pixels of one image, uint8 `[height, width, channels]`
   * @param name for examples
   */
  add(section: Section, index: number, label: number, pixels: Uint8Array, name: string): void {
    this.labels[section][index] = label;
    const range = this.thumbnailer.write(pixels, this.thumbnails[section], index);
    this.images++;
    this.notice(range, name);
  }

  /**
   * One sentence each, with the count, examples and the remedy.
   * @param nameOf name of an image, for examples
   * @param trainImages images for training; those after them in the train section are for validation
   */
  warnings(nameOf: (section: Section, index: number) => string, trainImages: number): string[] {
    return [...this.plainWarnings(), ...this.classWarnings(trainImages), ...this.duplicateWarnings(nameOf)];
  }

  private notice({ isPlain, highest }: PixelRange, name: string): void {
    const isDark = !isPlain && highest <= darkHighest;
    const noticed = isPlain ? this.plain : this.dark;
    if (!isPlain && !isDark) return;
    noticed.count++;
    if (noticed.examples.length < mostExamples) noticed.examples.push(name);
  }

  private plainWarnings(): string[] {
    const { plain, dark, images } = this;
    const warnings: string[] = [];
    if (plain.count > 0) {
      const which = plain.count === images ? `All ${images} images are` : `${plain.count} of ${images} images are`;
      warnings.push(
        `${which} of one colour (${list(plain)}); look at them, and where they have transparent parts or were cut, ` +
          'import them again with another --background or --fit.',
      );
    }
    if (dark.count > 0) {
      warnings.push(
        `${dark.count} of ${images} images are nearly black (${list(dark)}); scans of 10 or 12 bits in files of 16 ` +
          'look so: scale their values to the full range and import them again.',
      );
    }
    return warnings;
  }

  private classWarnings(trainImages: number): string[] {
    const { classes } = this.set;
    const counts = {
      train: new Array<number>(classes.length).fill(0),
      test: new Array<number>(classes.length).fill(0),
    };
    this.labels.train.subarray(0, trainImages).forEach((label) => {
      if (label >= 0) counts.train[label] = (counts.train[label] as number) + 1;
    });
    this.labels.test.forEach((label) => {
      if (label >= 0) counts.test[label] = (counts.test[label] as number) + 1;
    });
    const few = classes.filter((_, label) => (counts.train[label] as number) < fewImages);
    const untested = classes.filter((_, label) => counts.test[label] === 0);
    const warnings: string[] = [];
    if (few.length > 0) {
      const named = few.map((name) => `${name} ${counts.train[classes.indexOf(name)]}`);
      warnings.push(`${few.length} classes have fewer than ${fewImages} training images (${cut(named)}); add some.`);
    }
    if (untested.length > 0) {
      warnings.push(
        `${untested.length} classes have no test images (${cut(untested)}), so that their results are N/A; ` +
          'add some, or split all by seed (--split 0.8/0.2).',
      );
    }
    return warnings;
  }

  private duplicateWarnings(nameOf: (section: Section, index: number) => string): string[] {
    const { train, test } = this.thumbnails;
    const warnings: string[] = [];
    const leaked = findDuplicates(train, test).filter(
      ({ image, of }) => this.isUsed('test', image) && this.isUsed('train', of),
    );
    if (leaked.length > 0) {
      const pairs = leaked
        .slice(0, mostExamples)
        .map(({ image, of }) => `${nameOf('test', image)} = ${nameOf('train', of)}`);
      warnings.push(
        `${leaked.length} of ${test.high.length} test images look like a training or validation image ` +
          `(${examples(pairs, leaked)}), so that the test flatters; remove one of each pair.`,
      );
    }
    const contradictions = findContradictions(train, this.labels.train).filter(
      ({ image, of }) => this.isUsed('train', image) && this.isUsed('train', of),
    );
    if (contradictions.length > 0) {
      const pairs = contradictions
        .slice(0, mostExamples)
        .map(({ image, of }) => `${nameOf('train', image)} = ${nameOf('train', of)}`);
      warnings.push(
        `${contradictions.length} training images are in two classes (${examples(pairs, contradictions)}); ` +
          'remove the wrong one of each pair.',
      );
    }
    return warnings;
  }

  private isUsed(section: Section, index: number): boolean {
    return (this.labels[section][index] as number) >= 0;
  }
}

const list = ({ count, examples: some }: Noticed): string => `${some.join(', ')}${count > some.length ? ', ...' : ''}`;

const examples = (pairs: string[], all: Pair[]): string =>
  `${pairs.join(', ')}${all.length > pairs.length ? ', ...' : ''}`;

const cut = (names: string[]): string => `${names.slice(0, 5).join(', ')}${names.length > 5 ? ', ...' : ''}`;
