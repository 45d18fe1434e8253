import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { UploadSource } from '@trainyard/client';
import { InvalidInputError } from '@trainyard/contracts';
import { packFolder } from '@trainyard/datasets';

/** A file as it is, or a folder as a tar that is made while it is sent. @throws InvalidInputError */
export async function uploadSourceOf(path: string): Promise<UploadSource> {
  const info = await stat(path).catch(({ code }: NodeJS.ErrnoException) => {
    throw new InvalidInputError(`${path} cannot be read (${code}); check the path`);
  });
  const name = basename(resolve(path));
  if (!info.isDirectory()) {
    return { name, bytes: info.size, read: (start) => toWeb(createReadStream(path, { start })) };
  }
  const packed = await packFolder(path);
  return { name: `${name}.tar`, bytes: packed.bytes, read: (from) => toWeb(Readable.from(packed.read(from))) };
}

const toWeb = (stream: Readable) => Readable.toWeb(stream) as ReadableStream<Uint8Array>;
