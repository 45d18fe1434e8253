import { execFile, spawnSync } from 'node:child_process';
import { mkdir, statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const size = '4g';

/** A file system in memory that can be made read-only or full. */
export class Disk {
  readonly #unmount = () => spawnSync('umount', ['--lazy', this.folder]);

  private constructor(private readonly folder: string) {
    // A battery that is interrupted must not leave it behind.
    process.once('exit', this.#unmount);
  }

  /** Returns null where this user may not mount. */
  static async mount(folder: string): Promise<Disk | null> {
    if (process.getuid?.() !== 0) return null;
    await mkdir(folder, { recursive: true });
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]).catch(() => null);
    return mounted && new Disk(folder);
  }

  /** Returns false when files that are being written prevent it for a second. */
  remount(option: string): Promise<boolean> {
    return this.#remount(async () => option);
  }

  /** Leaves no block free. */
  fill(): Promise<boolean> {
    return this.#remount(async () => {
      const { blocks, bfree, bsize } = await statfs(this.folder);
      return `size=${Math.max(1, blocks - bfree) * bsize}`;
    });
  }

  async #remount(option: () => Promise<string>): Promise<boolean> {
    for (let tries = 0; tries < 20; tries += 1) {
      const options = `remount,${await option()}`;
      if (await run('mount', ['-o', options, this.folder]).catch(() => null)) return true;
      await sleep(50);
    }
    return false;
  }

  async empty(): Promise<void> {
    await this.remount(`size=${size}`);
  }

  remove(): void {
    process.off('exit', this.#unmount);
    this.#unmount();
  }
}
