import type { Guard } from './guard.js';
import type { StoredName } from './names.js';

/** One entry of an archive as it is stored, before its name is decoded. */
export interface StoredEntry {
  name: StoredName;
  bytes: number;
  type: 'file' | 'folder' | 'link' | 'device';
  /** Of a link, for which it is called once while entries are listed: where it leads. */
  target?(): Promise<StoredName>;
  /** Whether the target of a link counts from the top of the archive (a hard link) or from the link's folder. */
  fromTop?: boolean;
  /** Why it cannot be read, continuing the sentence "<path> ...". */
  unreadable?: string;
  /** Reads the content. Call it at most once, and before the next entry is requested. */
  read(): Promise<Buffer>;
  /** Instead of `read`: writes the content to a new file. */
  save(file: string): Promise<void>;
}

/** One format of archive. */
export interface ArchiveKind {
  /** For error messages: `zip archive`. */
  name: string;
  /** On what kind of system its names were written, as far as that is known before they are read. */
  host: 'dos' | 'unix';
  /**
   * Yields every entry in the order in which it is stored, the same on every call. Sizes that an archive bomb has are
   * refused by the guard. Any other error that is not a TrainyardError means that the archive is damaged.
   */
  entries(guard: Guard): AsyncGenerator<StoredEntry>;
}
