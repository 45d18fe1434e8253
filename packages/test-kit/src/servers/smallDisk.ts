import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { mkdtemp, open, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Why a test that needs a disk of its own is skipped, for its name; null where this process may mount one. */
export const cannotMount: string | null = (() => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'skipped: only root can mount a disk';
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status === 0;
  if (mounted) spawnSync('umount', [folder]);
  rmdirSync(folder);
  return mounted ? null : 'skipped: this machine permits no mount';
})();

export type SmallDisk = {
  folder: string;
  /** Writes a file until not one byte is left. @returns a function that removes it. */
  fill(): Promise<() => Promise<void>>;
  setReadOnly(readOnly: boolean): void;
};

/** A disk in memory, mounted until the running test ends. */
export async function useSmallDisk(size: string): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', folder]);
  onTestFinished(async () => {
    // Lazily: a process that a failed test left behind may still have a file open.
    execFileSync('umount', ['--lazy', folder]);
    await rmdir(folder);
  });
  return {
    folder,
    setReadOnly: (readOnly) => {
      execFileSync('mount', ['-o', `remount,${readOnly ? 'ro' : 'rw'}`, folder]);
    },
    async fill() {
      const file = join(folder, '.filler');
      const handle = await open(file, 'w');
      try {
        for (;;) await handle.write(Buffer.alloc(4096));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        await handle.close();
      }
      return () => rm(file);
    },
  };
}
