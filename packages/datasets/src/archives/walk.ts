import { createHash } from 'node:crypto';
import { accessSync, constants, lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { InvalidInputError } from '@trainyard/contracts';
import type { ArchiveFile } from './archive.js';
import { decode } from './codePages.js';
import { ofDisk } from './damaged.js';
import { Guard } from './guard.js';
import type { ArchiveLimits } from './limits.js';
import { hiddenFolderWarning, isLitter } from './litter.js';

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
  /** Its place without links. */
  real: string;
  /** The folder in which it, or the link to it, was found. */
  parent: Folder | null;
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
    await this.enter({ path: '', place: this.path, real: this.root, parent: null });
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
      const path = folder.path === '' ? name : `${folder.path}/${name}`;
      if (isLitter(name, isFolder)) {
        const warning = isFolder ? hiddenFolderWarning(path) : null;
        if (warning !== null) this.warnings.push(warning);
        continue;
      }
      if (isFolder) await this.enter({ path, place, real: `${folder.real}/${name}`, parent: folder });
      else await this.add(path, name, place, folder);
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

  private async add(path: string, name: string, place: string | Buffer, parent: Folder): Promise<void> {
    const own = statOr(() => lstatSync(place));
    // It was removed since its folder was read.
    if (own === 'ENOENT') return;
    if (typeof own === 'string')
      return this.push(path, place, { unreadable: `cannot be read (${own}): ${ofDisk(own)}` });
    if (own.isDirectory()) return this.enter({ path, place, real: `${parent.real}/${name}`, parent });
    this.note(path, own);
    if (!own.isSymbolicLink()) return this.push(path, place, sizeOrProblem(own, place));
    const info = statOr(() => statSync(place));
    const real = typeof info === 'string' ? null : realpathSync(place);
    const problem = problemOfLink(info, real, this.root);
    if (typeof info === 'string' || real === null || !info.isDirectory()) {
      if (typeof info !== 'string') this.note(path, info);
      return this.push(path, place, problem === null ? sizeOrProblem(info as Stats, place) : { unreadable: problem });
    }
    if (isLitter(name, true)) return;
    if (problem !== null) this.warnings.push(`The folder ${shown(path)} was left out, since it ${problem}.`);
    else await this.enterLink({ path, place, real, parent });
  }

  private push(path: string, place: string | Buffer, about: { bytes: number } | { unreadable: string }): void {
    const file: ArchiveFile = { path, bytes: 0, ...about };
    this.found.push(typeof place === 'string' && isAscii(path) ? { file } : { file, place });
    if (this.found.length > this.limits.entries) {
      throw new Guard(this.path, this.limits).refusal(
        `it has more than ${this.limits.entries} entries; split it into smaller sets`,
      );
    }
    if (this.found.length % 256 === 0) this.onProgress(this.found.length);
  }

  private async enterLink(folder: Folder): Promise<void> {
    for (let above = folder.parent; above !== null; above = above.parent) {
      if (above.real !== folder.real && !above.real.startsWith(`${folder.real}/`)) continue;
      const path = shown(folder.path);
      this.warnings.push(`${path} is a link to a folder that contains it, and was left out; remove it.`);
      return;
    }
    await this.enter(folder);
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

/** The code of the error where there is one. */
function statOr(call: () => Stats): Stats | string {
  try {
    return call();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'EIO';
  }
}

/** Why a link cannot be followed; null: it can. */
function problemOfLink(info: Stats | string, real: string | null, root: string): string | null {
  if (info === 'ELOOP') return 'is a link that leads to itself; remove it';
  if (info === 'EACCES') return `is a link that cannot be followed (${info}): ${ofDisk(info)}`;
  if (real === null) return 'is a link to a file that does not exist; remove it, or put the file itself there';
  if (real === root || real.startsWith(`${root}/`)) return null;
  return 'is a link that leaves the folder; put the file itself there (cp -rL copies what links lead to)';
}

function sizeOrProblem(info: Stats, place: string | Buffer): { bytes: number } | { unreadable: string } {
  if (!info.isFile()) return { unreadable: 'is a device or a socket; remove it' };
  if (mayRead(info)) return { bytes: info.size };
  try {
    // The mode says no; an access control list may say yes.
    accessSync(place, constants.R_OK);
    return { bytes: info.size };
  } catch {
    return { unreadable: `cannot be read (EACCES): ${ofDisk('EACCES')}` };
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
