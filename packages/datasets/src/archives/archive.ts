import { InvalidInputError } from '@trainyard/contracts';

/** A file of a folder or archive, as listed. */
export interface ArchiveFile {
  /** Relative, with `/` between its parts; checked not to leave the archive. */
  path: string;
  bytes: number;
  /**
   * Why it cannot be read, continuing the sentence "<path> ...", with the remedy: a link that leaves the folder, a file
   * without permission. Absent: it can be read, as far as listing shows.
   */
  unreadable?: string;
}

/** A file while an archive is read. */
export interface OpenedFile extends ArchiveFile {
  /**
   * Reads the content. Call it at most once, and before the next file is requested.
   * @param mostBytes instead of the limit for one file, which is meant for pictures
   * @throws FileFault when this file alone cannot be read; another InvalidInputError when the archive is damaged
   */
  read(mostBytes?: number): Promise<Buffer>;
  /** Instead of `read`, whatever its size is: writes the content to a new file. @throws like `read` */
  save(file: string): Promise<void>;
  /**
   * Absolute path of the file where it is a plain file of this disk, as in a folder, whose name is text; null within an
   * archive.
   */
  file: string | null;
}

/** A folder, an archive or a single file, listed once. */
export interface Archive {
  /** Of the folder or file itself. */
  path: string;
  kind: 'folder' | 'archive' | 'file';
  /** All files in the order in which they are stored, without what operating systems and tools leave behind. */
  files: ArchiveFile[];
  /** Paths of folders without a file in them or below, as of a class whose images are missing. */
  emptyFolders: string[];
  /** How it was understood where there was a choice, one sentence each: the code page of its names. */
  notes: string[];
  /** What is probably not as the user wants it, one sentence each, with the remedy: a folder that cannot be read. */
  warnings: string[];
  /** Reads the wanted files, in the order in which they are stored; what links lead to may come last. */
  read(wanted?: (path: string) => boolean): AsyncGenerator<OpenedFile>;
  /**
   * The wanted files as plain files of this disk, for readers that jump within them: absolute paths by path. Files of
   * an archive are unpacked to a temporary folder, where they stay until `close`.
   * @throws FileFault, InvalidInputError when the disk has no space for them
   */
  locate(wanted: (path: string) => boolean): Promise<Map<string, string>>;
  /** Removes what `locate` unpacked. */
  close(): Promise<void>;
}

/** One file of a source cannot be read; the others can. */
export class FileFault extends InvalidInputError {
  /** @param reason continues the sentence "<path> ...", with the remedy */
  constructor(
    source: string,
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${source}: ${path} ${reason}`);
  }
}
