/** Limits of what an archive may use on this machine. Bytes are uncompressed bytes. */
export interface ArchiveLimits {
  entries: number;
  totalBytes: number;
  /** Of one file, unless the reader of a format asks for more. */
  entryBytes: number;
  /** Uncompressed bytes per compressed byte, beyond the first `ratioGraceBytes`. */
  ratio: number;
  ratioGraceBytes: number;
  pathLength: number;
  pathDepth: number;
}

export const defaultArchiveLimits: ArchiveLimits = {
  entries: 2_000_000,
  totalBytes: 64 * 1024 ** 3,
  entryBytes: 256 * 1024 ** 2,
  ratio: 100,
  ratioGraceBytes: 16 * 1024 ** 2,
  pathLength: 1024,
  pathDepth: 32,
};
