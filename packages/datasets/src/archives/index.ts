import { stat } from 'node:fs/promises';
import { InvalidInputError, TrainyardError } from '@trainyard/contracts';
import { folder } from './folder.js';
import { Guard } from './guard.js';
import type { ArchiveEntry, ArchiveKind } from './kind.js';
import { type ArchiveLimits, defaultArchiveLimits } from './limits.js';
import { firstBytes } from './streams.js';
import { tar, tarGz } from './tar.js';
import { zip } from './zip.js';

export type { ArchiveEntry } from './kind.js';
export { type ArchiveLimits, defaultArchiveLimits } from './limits.js';

/*
 * An archive counts as hostile. Nothing is ever extracted to disk: entries are streamed, and their paths only decide on
 * split, class and order. Even so a path that leaves the archive, a link or an archive bomb refuses the whole archive,
 * because none of these is made by mistake.
 */

/** Every archive format that can be read; the first that recognises a file reads it. */
const kinds: ArchiveKind[] = [tarGz, zip, tar];

type Container = Pick<ArchiveKind, 'name' | 'entries'>;

/** Decides by the first bytes, never by the name. @throws InvalidInputError for anything else */
async function containerOf(path: string): Promise<Container> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    const problem = error.code === 'ENOENT' ? 'does not exist' : `cannot be read (${error.code})`;
    throw new InvalidInputError(`${path} ${problem}`);
  });
  if (info.isDirectory()) return folder;
  if (!info.isFile()) throw new InvalidInputError(`${path} is neither a file nor a folder`);
  const head = await firstBytes(path, 512);
  const kind = kinds.find(({ recognises }) => recognises(head));
  if (kind !== undefined) return kind;
  throw new InvalidInputError(`${path} is no folder and no .tar, .tar.gz or .zip archive; pack it as one of these`);
}

export async function isFolder(path: string): Promise<boolean> {
  return (await containerOf(path)) === folder;
}

/**
 * Yields every file of a folder or archive, in the order in which they are stored.
 * @throws InvalidInputError, from the iteration or from an entry's `read`, which names the file when it is truncated,
 *   damaged or over the limits
 */
export async function* readEntries(
  path: string,
  limits: ArchiveLimits = defaultArchiveLimits,
): AsyncGenerator<ArchiveEntry> {
  const container = await containerOf(path);
  const explained = (error: unknown): Error => {
    if (error instanceof TrainyardError) return error;
    const reason = error instanceof Error ? error.message : String(error);
    const problem = `cannot be read as a ${container.name}: it is truncated or damaged (${reason})`;
    return new InvalidInputError(`${path} ${problem}; copy or download it again`);
  };
  const read = (entry: ArchiveEntry) =>
    entry.read().catch((error: unknown) => {
      throw explained(error);
    });
  try {
    for await (const entry of container.entries(path, new Guard(path, limits))) {
      yield { path: entry.path, bytes: entry.bytes, read: () => read(entry) };
    }
  } catch (error) {
    throw explained(error);
  }
}
