/** A file of a folder or archive, as listed. */
export interface ArchiveFile {
  /** Relative, with `/` between its parts; checked not to leave the archive. */
  path: string;
  bytes: number;
}

/** A file while an archive is read. */
export interface OpenedFile extends ArchiveFile {
  /** Reads the content. Call it at most once, and before the next file is requested. @throws InvalidInputError */
  read(): Promise<Buffer>;
  /** Absolute path of the file where it is a plain file of this disk, as in a folder; null within an archive. */
  file: string | null;
}

/** A folder, an archive or a single file, listed once. */
export interface Archive {
  /** Of the folder or file itself. */
  path: string;
  kind: 'folder' | 'archive' | 'file';
  /** All files in the order in which they are stored, without what operating systems and tools leave behind. */
  files: ArchiveFile[];
  /** Reads the wanted files, in the order in which they are stored. */
  read(wanted?: (path: string) => boolean): AsyncGenerator<OpenedFile>;
}
