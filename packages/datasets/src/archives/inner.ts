import { posix } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import { type Archive, type ArchiveFile, FileFault } from './archive.js';
import type { ArchiveLimits } from './limits.js';

const archiveEnding = /\.(zip|tar|tgz|tbz2?|txz|tar\.(gz|bz2|xz|zst))$/i;
/** What lies beside the archives of a set without being a part of its pictures. */
const document = /(\.(txt|md|csv|tsv|json|ya?ml|html?|pdf|xml|rst|py|ipynb)|(^|\/)(readme|licen[sc]e|copying)[^/]*)$/i;

interface Inner {
  /** Where its files stand in the whole, with the last `/`; `''` where they name that folder themselves. */
  prefix: string;
  archive: Archive;
  place: string;
  /** Instead of `place` in messages. */
  shown: string;
}

/**
 * A folder or archive that consists of archives, such as `train.zip` and `test.zip` or the shards of a WebDataset: each
 * of them becomes a folder of its name. What has other files too is returned as it is.
 * @param open lists an inner archive
 */
export async function openInner(
  outer: Archive,
  limits: ArchiveLimits,
  open: (path: string, limits: ArchiveLimits) => Promise<Archive>,
): Promise<Archive> {
  const packed = outer.files.filter(({ path, unreadable }) => archiveEnding.test(path) && unreadable === undefined);
  const rest = outer.files.filter((file) => !packed.includes(file));
  if (packed.length === 0 || !rest.every(({ path }) => document.test(path))) return outer;
  const inner: Inner[] = [];
  const close = async () => {
    for (const { archive } of inner) await archive.close();
    await outer.close();
  };
  try {
    const names = new Set(packed.map(({ path }) => path));
    const places = await outer.locate((path) => names.has(path));
    const left = { ...limits, entries: limits.entries - outer.files.length };
    for (const { path } of packed) {
      const place = places.get(path) as string;
      // What was unpacked is shown by its path in the archive, not by its temporary place.
      const shown = outer.kind === 'folder' ? place : `${outer.path}: ${path}`;
      const archive = await open(place, left).catch((error: unknown) => {
        throw renamed(error, place, shown);
      });
      left.entries -= archive.files.length;
      left.totalBytes -= archive.files.reduce((sum, { bytes }) => sum + bytes, 0);
      inner.push({ prefix: prefixOf(path, packed, archive.files), archive, place, shown });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return joined(outer, rest, inner, close);
}

/** `data/train.zip` is the folder `data/train/`, unless all in it is below a folder `train` already. */
function prefixOf(path: string, packed: ArchiveFile[], files: ArchiveFile[]): string {
  const stem = path.replace(archiveEnding, '');
  const isAlone = packed.filter((other) => other.path.replace(archiveEnding, '') === stem).length === 1;
  const above = posix.dirname(path) === '.' ? '' : `${posix.dirname(path)}/`;
  const top = `${posix.basename(stem)}/`;
  if (isAlone && files.length > 0 && files.every((file) => file.path.startsWith(top))) return above;
  return isAlone ? `${stem}/` : `${path}/`;
}

function joined(outer: Archive, rest: ArchiveFile[], inner: Inner[], close: () => Promise<void>): Archive {
  const restPaths = new Set(rest.map(({ path }) => path));
  const files = [
    ...rest,
    ...inner.flatMap(({ prefix, archive }) => archive.files.map((file) => ({ ...file, path: prefix + file.path }))),
  ];
  return {
    path: outer.path,
    kind: outer.kind,
    files,
    emptyFolders: inner.flatMap(({ prefix, archive }) => archive.emptyFolders.map((folder) => prefix + folder)),
    notes: [...outer.notes, ...inner.flatMap(({ archive }) => archive.notes)],
    warnings: [...outer.warnings, ...inner.flatMap(({ archive }) => archive.warnings)],
    async *read(wanted = () => true) {
      yield* outer.read((path) => restPaths.has(path) && wanted(path));
      for (const { prefix, archive, place, shown } of inner) {
        try {
          for await (const file of archive.read((path) => wanted(prefix + path))) {
            yield { ...file, path: prefix + file.path, read: renaming(file.read, place, shown) };
          }
        } catch (error) {
          throw renamed(error, place, shown);
        }
      }
    },
    async locate(wanted) {
      const places = await outer.locate((path) => restPaths.has(path) && wanted(path));
      for (const { prefix, archive } of inner) {
        const within = await archive.locate((path) => wanted(prefix + path));
        for (const [path, place] of within) places.set(prefix + path, place);
      }
      return places;
    },
    close,
  };
}

function renaming(read: (mostBytes?: number) => Promise<Buffer>, place: string, shown: string): typeof read {
  return (mostBytes) =>
    read(mostBytes).catch((error: unknown) => {
      throw renamed(error, place, shown);
    });
}

/** The error with another name of the archive. */
export function renamed(error: unknown, place: string, shown: string): unknown {
  if (place === shown) return error;
  if (error instanceof FileFault) return new FileFault(shown, error.path, error.reason);
  if (error instanceof InvalidInputError) {
    return new InvalidInputError(error.message.replaceAll(place, shown), error.faults);
  }
  return error;
}
