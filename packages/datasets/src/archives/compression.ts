import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import * as zlib from 'node:zlib';
import { InvalidInputError } from '@trainyard/contracts';
import xz from 'xz-decompress';
import { bunzip2 } from './bunzip2.js';

/** A way to compress one file, which may be a tar. */
export interface Compression {
  /** As in the name of a tar that is compressed by it: `tar.gz archive`. */
  name: string;
  /** Ending of a compressed file. */
  ending: RegExp;
  recognises(head: Buffer): boolean;
  /** The file's decompressed bytes. */
  open(path: string): Readable;
}

const chunkBytes = 256 * 1024;
const startsWith = (head: Buffer, ...bytes: number[]) => head.subarray(0, bytes.length).equals(Buffer.from(bytes));
const through = (path: string, transform: NodeJS.ReadWriteStream): Readable =>
  // Errors of the file reach the last stream, where its reader handles them.
  pipeline(createReadStream(path, { highWaterMark: chunkBytes }), transform, () => {}) as unknown as Readable;

/** Not in Node 20. */
const { createZstdDecompress } = zlib as { createZstdDecompress?: () => NodeJS.ReadWriteStream };

export const compressions: Compression[] = [
  {
    name: 'tar.gz',
    ending: /\.gz$/i,
    recognises: (head) => startsWith(head, 0x1f, 0x8b),
    open: (path) => through(path, zlib.createGunzip({ chunkSize: chunkBytes })),
  },
  {
    name: 'tar.bz2',
    ending: /\.bz2$/i,
    recognises: (head) => /^BZh[1-9](1AY&SY|.rE8P\x90)/s.test(head.toString('latin1', 0, 10)),
    open: (path) => Readable.from(bunzip2(path), { objectMode: false, highWaterMark: chunkBytes }),
  },
  {
    name: 'tar.xz',
    ending: /\.xz$/i,
    recognises: (head) => startsWith(head, 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00),
    open: (path) => {
      const file = Readable.toWeb(createReadStream(path, { highWaterMark: chunkBytes }));
      return Readable.fromWeb(new xz.XzReadableStream(file as never) as unknown as ReadableStream);
    },
  },
  {
    name: 'tar.zst',
    ending: /\.zst$/i,
    recognises: (head) => startsWith(head, 0x28, 0xb5, 0x2f, 0xfd),
    open: (path) => {
      if (createZstdDecompress !== undefined) return through(path, createZstdDecompress());
      const remedy = 'unpack it (zstd -d set.tar.zst) and import the result';
      throw new InvalidInputError(`${path} is compressed by zstd, which this version of Node cannot read; ${remedy}`);
    },
  },
];
