import type { Archive } from '../archives/archive.js';
import type { ImageShape } from '../packed/format.js';

/** The split that the source itself gives a picture; null: it gives none, and the picture is split by seed. */
export type SourceSplit = 'train' | 'validation' | 'test' | null;

/** One picture of a source, before its pixels are read. All of a source are in memory at once, so it is small. */
export interface ListedPicture {
  /**
   * Its place in the source, for messages and for the order within a class, which does not depend on the order in an
   * archive: a path, or the like of `train-00000.parquet row 17`. Unique.
   */
  name: string;
  split: SourceSplit;
  className: string;
}

/** A picture as it is stored. */
export type Picture =
  /** The content of an image file. */
  | { kind: 'encoded'; bytes: Uint8Array }
  /** An image file on this disk, which the decoder reads itself. */
  | { kind: 'file'; path: string }
  /** uint8 `[height, width, channels]` with 1 (gray), 3 (RGB) or 4 (RGB and alpha) channels. */
  | { kind: 'pixels'; pixels: Uint8Array; shape: ImageShape };

/** What a source contains: every picture with its class and split, and how to read the pixels. */
export interface Listing {
  pictures: ListedPicture[];
  /** Class names in the order of their labels, also those without a picture; null: alphabetical. */
  classes: string[] | null;
  /** `stored`: images keep the order of `pictures`; absent: they are ordered by class and name. */
  order?: 'stored';
  /** The channels that a set gets where the user names none: 1 for formats that store gray digits. Default: 3. */
  channels?: 1 | 3;
  /** How the source was understood where there was a choice, one sentence each: `valid/ is the validation split`. */
  notes: string[];
  /** What is probably not as the user wants it, one sentence each, with the count and the remedy. */
  warnings: string[];
  /** Name for the dataset where the user gives none; null: the name of the file or folder. */
  suggestedName: string | null;
  /**
   * Reads the pictures whose index in `pictures` is wanted, each once, in the order in which they are stored. What
   * cannot be read for a reason of its own (a missing file, a link that leaves the folder) is yielded as a `fault`:
   * why, continuing the sentence "<name> ...", with the remedy.
   */
  read(
    wanted?: (index: number) => boolean,
  ): AsyncGenerator<{ index: number } & ({ picture: Picture } | { fault: string })>;
}

/** What the user said of labels. */
export interface ListOptions {
  /** A CSV file of the source that names the class of each file; null: found by the importer. */
  labels?: string | null;
}

/** Reads one kind of source. The list in index.ts names all; the first that recognises a source reads it. */
export interface Importer {
  /** What it reads, for messages: `CIFAR-100 (python)`. */
  title: string;
  /** @returns whether the paths look like this kind; whether all is there is checked by `list`. */
  recognises(archive: Pick<Archive, 'path' | 'files'>): boolean;
  /** @throws InvalidInputError that says what was found, what is wrong and what to do */
  list(archive: Archive, options: ListOptions): Promise<Listing>;
}
