import type { OnProgress } from '../progress.js';

export interface DownloadOptions {
  url: string;
  /** Lower-case hexadecimal; absent where it is not known. */
  md5?: string;
  /**
   * Where to save the file; until it is complete, its beginning is `<file>.part`. Without a checksum `<file>.json` has
   * what the server said of it.
   */
  file: string;
  onProgress: OnProgress;
  /** Tries after the first that failed without receiving a byte. Default 5. */
  retries?: number;
  /** Milliseconds without a byte after which the connection counts as broken. Default 30,000. */
  stallMs?: number;
  /** Milliseconds before the first retry; the pause doubles with each further one. Default 1,000. */
  retryDelayMs?: number;
  /** Whether the URL may lead to this machine and to private networks. Default true. */
  allowPrivate?: boolean;
  signal?: AbortSignal;
}
