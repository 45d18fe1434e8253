import type { ArchiveLimits } from '../archives/index.js';
import type { PackedOptions, PackedWriter } from '../packed/writer.js';
import type { OnProgress } from '../progress.js';

/** A folder or archive whose paths were listed. */
export interface Archive {
  /** Of the folder or archive itself. */
  path: string;
  /** Of all its files, relative, in the order in which they are stored. */
  files: string[];
  limits?: ArchiveLimits;
}

export interface ImportOptions {
  /**
   * `[height, width]` to which images of any size are scaled, cropping what sticks out; null: all must have one size.
   */
  size: [height: number, width: number] | null;
}

/** What an importer finds out before it decodes all pixels, and how it writes the pixels. */
export interface ImportPlan extends Pick<PackedOptions, 'classes' | 'imageShape' | 'trainImages' | 'testImages'> {
  /** Name for the dataset where the user gives none; null: the file's name. */
  suggestedName: string | null;
  write(writer: PackedWriter, onProgress: OnProgress): Promise<void>;
}

/** Reads one layout of folders and archives. */
export interface Importer {
  /** @returns whether the paths look like this layout; whether they are complete is checked by `plan`. */
  recognises(files: string[]): boolean;
  /** @throws InvalidInputError when the archive is incomplete or its content is wrong */
  plan(archive: Archive, options: ImportOptions): Promise<ImportPlan>;
}

/** A file at a URL, which one of the importers reads. */
export interface Download {
  /** Name of the dataset. */
  name: string;
  url: string;
  /** Lower-case hexadecimal. */
  md5: string;
}
