import { stat, writeFile } from 'node:fs/promises';
import { InvalidInputError } from '@trainyard/contracts';
import { type Archive, type ArchiveFile, FileFault, type OpenedFile } from './archive.js';
import { DamagedEntryError, damaged } from './damaged.js';
import { Guard, quote } from './guard.js';
import type { ArchiveKind, StoredEntry } from './kind.js';
import type { ArchiveLimits } from './limits.js';
import { fileBehind, type ListedEntry, packInstead } from './links.js';
import { hiddenFolderWarnings, isLitterPath } from './litter.js';
import { located } from './locate.js';
import { decodeNames, NamesError, type StoredName } from './names.js';

/*
 * An archive counts as hostile. Its paths only decide on split, class and order, and never become names on the disk:
 * entries are streamed. Even so a path that leaves the archive or an archive bomb refuses the whole archive, because
 * neither is made by mistake.
 */

interface Listed {
  emptyFolders: string[];
  /** By the index of their entries; entries without one are folders and what is left out. */
  fileOf: Map<number, ArchiveFile>;
  /** The path of a link to the path with the content. */
  links: Map<string, string>;
  notes: string[];
  warnings: string[];
}

/** Lists an archive, and reads it as often as is asked. */
export async function openPacked(
  path: string,
  kind: ArchiveKind,
  limits: ArchiveLimits,
  onProgress: (files: number) => void,
): Promise<Archive> {
  const before = await stat(path);
  const { fileOf, links, emptyFolders, notes, warnings } = await list(kind, new Guard(path, limits), onProgress).catch(
    (error: unknown) => {
      throw damaged(path, kind.name, error);
    },
  );
  async function* pass(wanted: (path: string) => boolean): AsyncGenerator<OpenedFile> {
    let index = 0;
    for await (const entry of kind.entries(new Guard(path, limits))) {
      const file = fileOf.get(index++);
      if (file !== undefined && wanted(file.path)) yield opened(path, kind, limits, file, entry);
    }
  }
  async function* read(wanted: (path: string) => boolean = () => true): AsyncGenerator<OpenedFile> {
    const now = await stat(path);
    if (now.size !== before.size || now.mtimeMs !== before.mtimeMs) {
      throw new InvalidInputError(`${path} changed while it was read; import it again`);
    }
    yield* pass((each) => wanted(each) && !links.has(each));
    const linksTo = new Map<string, string[]>();
    for (const [link, target] of links) {
      if (wanted(link)) linksTo.set(target, [...(linksTo.get(target) ?? []), link]);
    }
    if (linksTo.size === 0) return;
    // What links lead to is read in a pass of its own, as it can be stored before or behind them.
    for await (const file of pass((each) => linksTo.has(each))) {
      let content: Promise<Buffer> | null = null;
      const readOnce = (mostBytes?: number) => {
        content ??= file.read(mostBytes);
        return content;
      };
      const save = async (to: string) => writeFile(to, await readOnce(Number.POSITIVE_INFINITY));
      for (const link of linksTo.get(file.path) ?? []) yield { ...file, path: link, read: readOnce, save };
    }
  }
  return located({
    path,
    kind: 'archive',
    files: [...fileOf.values()],
    emptyFolders,
    notes,
    warnings,
    async *read(wanted) {
      try {
        yield* read(wanted);
      } catch (error) {
        throw damaged(path, kind.name, error);
      }
    },
  });
}

function opened(
  path: string,
  kind: ArchiveKind,
  limits: ArchiveLimits,
  file: ArchiveFile,
  entry: StoredEntry,
): OpenedFile {
  const fault = (error: unknown) => {
    if (!(error instanceof DamagedEntryError)) throw damaged(path, kind.name, error);
    throw new FileFault(path, file.path, `is damaged within the ${kind.name} (${error.message}); pack it again`);
  };
  return {
    ...file,
    file: null,
    async read(mostBytes = limits.entryBytes) {
      const problem = file.unreadable ?? tooLarge(file.bytes, mostBytes);
      if (problem !== null) throw new FileFault(path, file.path, problem);
      return entry.read().catch(fault);
    },
    async save(to) {
      if (file.unreadable !== undefined) throw new FileFault(path, file.path, file.unreadable);
      return entry.save(to).catch(fault);
    },
  };
}

/** Why a file is not read; null: it is small enough. */
export function tooLarge(bytes: number, mostBytes: number): string | null {
  if (bytes <= mostBytes) return null;
  return `has ${bytes} bytes, more than ${mostBytes} are allowed in one file; make it smaller`;
}

async function list(kind: ArchiveKind, guard: Guard, onProgress: (files: number) => void): Promise<Listed> {
  const names: StoredName[] = [];
  const targets: StoredName[] = [];
  const entries: ListedEntry[] = [];
  for await (const { name, bytes, type, fromTop = false, unreadable, target } of kind.entries(guard)) {
    guard.admit(bytes);
    names.push(name);
    const entry: ListedEntry = { path: null, type, bytes, fromTop, target: null };
    if (unreadable !== undefined) entry.unreadable = unreadable;
    entries.push(entry);
    targets.push(target === undefined ? { raw: '', utf8: false } : await target());
    if (entries.length % 256 === 0) onProgress(entries.length);
  }
  onProgress(entries.length);
  const { texts, notes } = decoded([...names, ...targets], kind, guard);
  entries.forEach((entry, i) => {
    entry.path = guard.normalise(texts[i] as string);
    entry.target = texts[names.length + i] as string;
  });
  return { ...filesOf(entries, guard), notes };
}

function decoded(stored: StoredName[], kind: ArchiveKind, guard: Guard): { texts: string[]; notes: string[] } {
  try {
    const { names, notes } = decodeNames(stored, kind.host);
    // Some archivers of Windows write `\` between folders; then no name has a `/`.
    const texts = names.some((name) => name.includes('/')) ? names : names.map((name) => name.replaceAll('\\', '/'));
    return { texts, notes };
  } catch (error) {
    if (error instanceof NamesError) throw guard.refusal(error.message);
    throw error;
  }
}

function filesOf(entries: ListedEntry[], guard: Guard): Omit<Listed, 'notes'> {
  const byPath = new Map<string, ListedEntry>();
  for (const entry of entries) {
    if (entry.path === null) continue;
    const other = byPath.get(entry.path);
    if (other !== undefined && (other.type !== 'folder' || entry.type !== 'folder')) {
      throw guard.refusal(`it contains ${quote(entry.path)} twice; rename or remove one of them`);
    }
    byPath.set(entry.path, entry);
  }
  const fileOf = new Map<number, ArchiveFile>();
  const links = new Map<string, string>();
  entries.forEach(({ path, bytes, type, unreadable }, i) => {
    if (path === null || type === 'folder' || isLitterPath(path, false)) return;
    if (type === 'link') {
      const behind = fileBehind(path, byPath);
      if (typeof behind === 'string') fileOf.set(i, { path, bytes: 0, unreadable: behind });
      else {
        fileOf.set(i, { ...fileAt(path, behind.bytes, behind.unreadable) });
        links.set(path, behind.path as string);
      }
    } else fileOf.set(i, fileAt(path, bytes, type === 'device' ? `is a link or a device; ${packInstead}` : unreadable));
  });
  const warnings = hiddenFolderWarnings(entries.flatMap(({ path }) => path ?? []));
  return { fileOf, links, emptyFolders: emptyAmong(entries, fileOf.values()), warnings };
}

function emptyAmong(entries: ListedEntry[], files: Iterable<ArchiveFile>): string[] {
  const empty = new Set<string>();
  for (const { path, type } of entries)
    if (path !== null && type === 'folder' && !isLitterPath(path, true)) empty.add(path);
  if (empty.size === 0) return [];
  for (const { path } of files) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
      empty.delete(path.slice(0, end));
  }
  return [...empty];
}

function fileAt(path: string, bytes: number, unreadable: string | undefined): ArchiveFile {
  return unreadable === undefined ? { path, bytes } : { path, bytes, unreadable };
}
