/** The state of an import. `done` counts bytes while downloading, files while scanning, images otherwise. */
export interface ImportProgress {
  phase: 'waiting' | 'downloading' | 'scanning' | 'importing' | 'generating' | 'finishing';
  done: number;
  /** Null while it is unknown. */
  total: number | null;
}
export type OnProgress = (progress: ImportProgress) => void;

const intervalMs = 100;

/** Passes on the first and the last report of each phase, and between them at most one every 100 ms. */
export function throttled(onProgress: OnProgress): OnProgress {
  let phase: string | null = null;
  let last = 0;
  return (progress) => {
    const now = Date.now();
    if (progress.phase === phase && progress.done !== progress.total && now - last < intervalMs) return;
    phase = progress.phase;
    last = now;
    onProgress(progress);
  };
}
