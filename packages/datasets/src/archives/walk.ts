import { createHash } from 'node:crypto';
import { accessSync, constants, lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { InvalidInputError } from '@trainyard/contracts';
import type { ArchiveFile } from './archive.js';
import { decode } from './codePages.js';
import { ofDisk } from './damaged.js';
import { Guard } from './guard.js';
import type { ArchiveLimits } from './limits.js';
import { isLitter } from './litter.js';

/** A change this short before the listing could be followed by another with the same time. */
const settledMs = 2000;
/** The file system is called synchronously, which is several times faster; timers and sockets run between two turns. */
const turnMs = 20;

/** A file of the folder. Where names are not UTF-8, its path has their bytes, one a character, between two NULs. */
export interface Found {
  file: ArchiveFile;
  /** Where it is, unless that is its path below the folder. */
  place?: string | Buffer;
}

/** The names within a path that are not UTF-8. */
export function namesOf(path: string): string[] {
  return path.includes('\0') ? [...path.matchAll(/\0([^\0]*)\0/g)].map(([, name]) => name as string) : [];
}

/** The path with these names decoded, in Unicode's form NFC. */
export function withNames(path: string, textOf: Map<string, string>): string {
  if (!/[^\x20-\x7e]/.test(path)) return path;
  return path.replaceAll(/\0([^\0]*)\0/g, (_, name: string) => textOf.get(name) as string).normalize('NFC');
}

interface Folder {
  /** Below the root, `''` for itself. */
  path: string;
  place: string | Buffer;
  /** The real paths of the folder and all above it, to see links that lead in a circle. */
  within: string[];
}

/** Walks a folder once: what is in it, and a fingerprint of what the disk says of it. */
export class FolderWalk {
  readonly warnings: string[] = [];
  readonly emptyFolders: string[] = [];
  private readonly found: Found[] = [];
  private readonly hash = createHash('sha256');
  private readonly startedMs = Date.now();
  private readonly root: string;
  private newestMs = 0;
  private turnEndsMs = 0;

  constructor(
    private readonly path: string,
    private readonly limits: ArchiveLimits,
    private readonly onProgress: (files: number) => void,
  ) {
    this.root = realpathSync(path);
    this.hash.update(this.root);
  }

  async run(): Promise<Found[]> {
    await this.enter({ path: '', place: this.path, within: [this.root] });
    this.onProgress(this.found.length);
    return this.found;
  }

  /** Null where a file was changed so shortly before that a further change might have the same time. */
  fingerprint(): string | null {
    return this.startedMs - this.newestMs < settledMs ? null : `sha256:${this.hash.digest('hex')}`;
  }

  /** In the order of the names, so that the same files give the same sequence on every file system. */
  private async enter(folder: Folder): Promise<void> {
    const before = this.found.length;
    for (const { name, place, isFolder } of this.namesIn(folder)) {
      if (isLitter(name, isFolder)) continue;
      const path = folder.path === '' ? name : `${folder.path}/${name}`;
      if (isFolder) await this.enter({ path, place, within: folder.within });
      else await this.add(path, place, folder);
      await this.turn();
    }
    if (this.found.length === before && folder.path !== '') this.emptyFolders.push(shown(folder.path));
  }

  private namesIn({ path, place }: Folder): { name: string; place: string | Buffer; isFolder: boolean }[] {
    try {
      if (typeof place === 'string') {
        const names = readdirSync(place, { withFileTypes: true });
        if (!names.some(({ name }) => name.includes('\ufffd'))) {
          return names
            .map((entry) => ({ name: entry.name, place: `${place}/${entry.name}`, isFolder: entry.isDirectory() }))
            .sort(byName);
        }
      }
      return readdirSync(place, { withFileTypes: true, encoding: 'buffer' })
        .map((entry) => {
          const bytes = entry.name as unknown as Buffer;
          const raw = bytes.toString('latin1');
          return {
            name: decode('utf-8', raw) ?? `\0${raw}\0`,
            place: Buffer.concat([Buffer.from(place), Buffer.from('/'), bytes]),
            isFolder: entry.isDirectory(),
          };
        })
        .sort(byName);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (path === '') throw new InvalidInputError(`${this.path} cannot be read (${code}): ${ofDisk(code)}`);
      this.warnings.push(`The folder ${shown(path)} was left out, since it cannot be read (${code}): ${ofDisk(code)}.`);
      return [];
    }
  }

  private async add(path: string, place: string | Buffer, { within }: Folder): Promise<void> {
    let info = lstatSync(place);
    if (info.isDirectory()) return this.enter({ path, place, within });
    let unreadable: string | undefined;
    if (info.isSymbolicLink()) {
      const target = this.follow(place);
      if (typeof target === 'string') unreadable = target;
      else if (target.info.isDirectory()) return this.enterLink(path, place, target.real, within);
      else info = target.info;
    }
    unreadable ??= problemOf(info, place);
    this.note(path, info);
    const file: ArchiveFile = { path, bytes: unreadable === undefined ? info.size : 0 };
    if (unreadable !== undefined) file.unreadable = unreadable;
    this.found.push(typeof place === 'string' && isAscii(path) ? { file } : { file, place });
    if (this.found.length > this.limits.entries) {
      throw new Guard(this.path, this.limits).refusal(
        `it has more than ${this.limits.entries} entries; split it into smaller sets`,
      );
    }
    if (this.found.length % 256 === 0) this.onProgress(this.found.length);
  }

  /** @returns why a link cannot be followed, or where it leads */
  private follow(place: string | Buffer): string | { real: string; info: Stats } {
    try {
      const real = realpathSync(place);
      if (real === this.root || real.startsWith(`${this.root}/`)) return { real, info: statSync(place) };
      return 'is a link that leaves the folder; put the file itself there (cp -rL copies what links lead to)';
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code === 'ELOOP') return 'is a link that leads to itself; remove it';
      if (code === 'EACCES') return `is a link that cannot be followed (${code}): ${ofDisk(code)}`;
      return 'is a link to a file that does not exist; remove it, or put the file itself there';
    }
  }

  private async enterLink(path: string, place: string | Buffer, real: string, within: string[]): Promise<void> {
    if (within.some((folder) => folder === real || folder.startsWith(`${real}/`))) {
      this.warnings.push(`${shown(path)} is a link to a folder that contains it, and was left out; remove it.`);
      return;
    }
    await this.enter({ path, place, within: [...within, real] });
  }

  /** A changed content changes ctime, also where size and the other times are set back. */
  private note(path: string, { size, mtimeMs, ctimeMs, ino }: Stats): void {
    this.hash.update(`${path}\0${size} ${mtimeMs} ${ctimeMs} ${ino}\0`);
    if (ctimeMs > this.newestMs) this.newestMs = ctimeMs;
  }

  private async turn(): Promise<void> {
    const now = performance.now();
    if (now < this.turnEndsMs) return;
    await setImmediate();
    this.turnEndsMs = performance.now() + turnMs;
  }
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
const isAscii = (path: string): boolean => /^[\x20-\x7e]*$/.test(path);
const shown = (path: string): string => path.replaceAll('\0', '?');

function problemOf(info: Stats, place: string | Buffer): string | undefined {
  if (!info.isFile()) return 'is a device or a socket; remove it';
  if (mayRead(info)) return undefined;
  try {
    // The mode says no; an access control list may say yes.
    accessSync(place, constants.R_OK);
    return undefined;
  } catch {
    return `cannot be read (EACCES): ${ofDisk('EACCES')}`;
  }
}

const user = process.getuid?.() ?? 0;
const groups = new Set(process.getgroups?.() ?? []);

/** By the mode, which costs no further call of the file system. */
function mayRead({ mode, uid, gid }: Stats): boolean {
  if (user === 0) return true;
  if (uid === user) return (mode & 0o400) !== 0;
  return (mode & (groups.has(gid) ? 0o040 : 0o004)) !== 0;
}
