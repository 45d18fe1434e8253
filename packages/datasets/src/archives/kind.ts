import type { Guard } from './guard.js';

/** One file in a folder or an archive. */
export interface ArchiveEntry {
  /** Relative, with `/` between its parts; checked not to leave the archive. */
  path: string;
  bytes: number;
  /** Reads the content. Call it at most once, and before the next entry is requested. */
  read(): Promise<Buffer>;
}

/** A way to store files: a folder, or one format of archive. */
export interface ArchiveKind {
  /** For error messages: `zip archive`. */
  name: string;
  /** @returns whether a file with these first 512 bytes (fewer where it is shorter) has this format. */
  recognises(head: Buffer): boolean;
  /**
   * Yields every file in the order in which it is stored. The guard checks each path and size before it is yielded.
   * An error that is not a TrainyardError means that the archive is damaged.
   */
  entries(path: string, guard: Guard): AsyncGenerator<ArchiveEntry>;
}
