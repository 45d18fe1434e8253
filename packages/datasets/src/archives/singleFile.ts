import { createWriteStream } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Archive, FileFault, type OpenedFile } from './archive.js';
import type { Compression } from './compression.js';
import { damaged, ofDisk } from './damaged.js';
import { Guard } from './guard.js';
import type { ArchiveLimits } from './limits.js';
import { located } from './locate.js';
import { tooLarge } from './packed.js';
import { collect } from './streams.js';

/** A file that is no archive. */
export function openSingleFile(path: string, bytes: number, limits: ArchiveLimits): Archive {
  const fault = ({ code = '' }: NodeJS.ErrnoException) => {
    throw new FileFault(path, basename(path), `cannot be read (${code}): ${ofDisk(code)}`);
  };
  const file: OpenedFile = {
    path: basename(path),
    bytes,
    file: resolve(path),
    read: () => readFile(path).catch(fault),
    save: (to) => copyFile(path, to).catch(fault),
  };
  const archive = archiveOf(path, file, limits);
  return { ...archive, locate: async (wanted) => new Map(wanted(file.path) ? [[file.path, resolve(path)]] : []) };
}

/** A compressed file that is no tar, such as `train-images-idx3-ubyte.gz`: its content, without the ending. */
export async function openCompressedFile(
  path: string,
  packedBytes: number,
  { name, ending, open }: Compression,
  limits: ArchiveLimits,
): Promise<Archive> {
  const title = `${name.replace('tar.', '')} file`;
  async function* checked(): AsyncGenerator<Buffer> {
    const guard = new Guard(path, limits);
    let bytes = 0;
    const stream: Readable = open(path);
    try {
      for await (const chunk of stream) {
        bytes += (chunk as Buffer).length;
        guard.admitRatio('it', bytes, packedBytes);
        yield chunk as Buffer;
      }
    } catch (error) {
      throw damaged(path, title, error);
    }
  }
  let bytes = 0;
  for await (const chunk of checked()) bytes += chunk.length;
  const inner = basename(path).replace(ending, '');
  const file: OpenedFile = {
    path: inner,
    bytes,
    file: null,
    read: () => collect(checked()),
    save: (to) => pipeline(checked(), createWriteStream(to, { flags: 'wx' })),
  };
  return archiveOf(path, file, limits);
}

function archiveOf(path: string, file: OpenedFile, limits: ArchiveLimits): Archive {
  return located({
    path,
    kind: 'file',
    files: [{ path: file.path, bytes: file.bytes }],
    emptyFolders: [],
    notes: [],
    warnings: [],
    async *read(wanted = () => true) {
      if (!wanted(file.path)) return;
      const read = async (mostBytes = limits.entryBytes) => {
        const problem = tooLarge(file.bytes, mostBytes);
        if (problem !== null) throw new FileFault(path, file.path, problem);
        return file.read();
      };
      yield { ...file, read };
    },
  });
}
