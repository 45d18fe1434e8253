import { createWriteStream } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import tar, { type Pack } from 'tar-stream';
import { onTestFinished } from 'vitest';
import yazl from 'yazl';
import { cifar10Classes } from '../src/importers/cifar10/batches.js';

type TarHeader = Parameters<Pack['entry']>[0];

/** Path to content. */
export type Files = Record<string, Buffer>;

/** A folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'datasets-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Runs work as a user to whom permissions apply: root may read everything, so that the process becomes another user
 * meanwhile.
 * @param folder what the user gets
 */
export async function asOrdinaryUser<T>(folder: string, work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  const otherUser = 65_534;
  await chmod(folder, 0o755);
  for (const name of await readdir(folder, { recursive: true })) await chown(join(folder, name), otherUser, otherUser);
  process.seteuid?.(otherUser);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

export async function makeFolder(folder: string, files: Files): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** @param odd entries that a normal archiver would not write: links, absolute paths */
export async function tarBytes(files: Files, odd: TarHeader[] = []): Promise<Buffer> {
  const pack = tar.pack();
  const chunks: Buffer[] = [];
  const read = (async () => {
    for await (const chunk of pack) chunks.push(chunk as Buffer);
  })();
  for (const [name, content] of Object.entries(files)) pack.entry({ name }, content);
  for (const header of odd) pack.entry(header);
  pack.finalize();
  await read;
  return Buffer.concat(chunks);
}

export async function makeTarGz(file: string, files: Files, odd: TarHeader[] = []): Promise<string> {
  await writeFile(file, gzipSync(await tarBytes(files, odd)));
  return file;
}

export async function makeZip(file: string, files: Files, modes: Record<string, number> = {}): Promise<string> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of Object.entries(files)) {
    zip.addBuffer(content, name, name in modes ? { mode: modes[name] } : {});
  }
  zip.end();
  await pipeline(zip.outputStream as Readable, createWriteStream(file));
  return file;
}

export type Pixel = [number, number, number];

/** An image of one colour; PNG and lossless WebP preserve its exact pixels. */
export function image(
  format: 'png' | 'jpeg' | 'webp',
  [red, green, blue]: Pixel,
  { width = 8, height = 8, noise = 0 } = {},
): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = Math.min(255, ([red, green, blue][i % 3] as number) + (((i * 2654435761) >>> 20) % (noise + 1)));
  }
  const picture = sharp(pixels, { raw: { width, height, channels: 3 } });
  if (format === 'webp') return picture.webp({ lossless: true }).toBuffer();
  return picture.toFormat(format).toBuffer();
}

/** Two classes, red and blue, as the importer expects them. @param top a folder above them, such as `pets/` */
export async function smallImageFolder(format: 'png' | 'jpeg' | 'webp' = 'png', top = ''): Promise<Files> {
  const [red, blue] = [await image(format, [200, 0, 0]), await image(format, [0, 0, 200])];
  return {
    [`${top}train/red/1.${format}`]: red,
    [`${top}train/blue/1.${format}`]: blue,
    [`${top}train/blue/2.${format}`]: blue,
    [`${top}test/blue/1.${format}`]: blue,
    [`${top}test/red/1.${format}`]: red,
  };
}

/** One record of a batch: the label and the planes, 3072 bytes of red, green and blue. */
export interface CifarRecord {
  label: number;
  planes: Buffer;
}

/** The archive's six batches with a few images each, the same in both formats. */
export function cifarRecords(perBatch: number): Record<string, CifarRecord[]> {
  const names = ['data_batch_1', 'data_batch_2', 'data_batch_3', 'data_batch_4', 'data_batch_5', 'test_batch'];
  return Object.fromEntries(
    names.map((name, b) => [
      name,
      Array.from({ length: perBatch }, (_, i) => ({
        label: (b * 3 + i) % 10,
        planes: Buffer.from({ length: 3072, ...bytesOf(b * perBatch + i) }),
      })),
    ]),
  );
}

function bytesOf(image: number): Record<number, number> {
  return Object.fromEntries(Array.from({ length: 3072 }, (_, i) => [i, (image * 31 + i * 7 + (i >> 10) * 50) % 256]));
}

export function cifarBinaryFiles(records: Record<string, CifarRecord[]>): Files {
  const files: Files = { 'cifar-10-batches-bin/batches.meta.txt': Buffer.from(`${cifar10Classes.join('\n')}\n`) };
  for (const [name, batch] of Object.entries(records)) {
    files[`cifar-10-batches-bin/${name}.bin`] = Buffer.concat(batch.flatMap((r) => [Buffer.of(r.label), r.planes]));
  }
  return files;
}

export function cifarPythonFiles(records: Record<string, CifarRecord[]>): Files {
  const files: Files = { 'cifar-10-batches-py/readme.html': Buffer.from('<html>') };
  for (const [name, batch] of Object.entries(records)) files[`cifar-10-batches-py/${name}`] = pickledBatch(name, batch);
  return files;
}

/** A batch as Python 2's cPickle wrote the original ones: protocol 2, strings of bytes, a numpy array of uint8. */
export function pickledBatch(name: string, records: CifarRecord[]): Buffer {
  let slot = 0;
  const put = () => Buffer.of(0x71, ++slot % 256);
  const short = (text: string) => Buffer.concat([Buffer.from(`U${String.fromCharCode(text.length)}${text}`), put()]);
  const global = (name: string) => Buffer.concat([Buffer.from(`c${name}\n`), put()]);
  const int2 = (value: number) => Buffer.of(0x4d, value & 255, value >> 8);
  const data = Buffer.concat(records.map(({ planes }) => planes));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(data.length);
  return Buffer.concat([
    Buffer.from('\x80\x02}', 'latin1'),
    put(),
    Buffer.from('('),
    short('batch_label'),
    short(name),
    short('labels'),
    Buffer.from(']'),
    put(),
    Buffer.from('('),
    ...records.map(({ label }) => Buffer.of(0x4b, label)),
    Buffer.from('e'),
    short('data'),
    global('numpy.core.multiarray\n_reconstruct'),
    global('numpy\nndarray'),
    Buffer.from('K\x00', 'latin1'),
    Buffer.of(0x85),
    put(),
    short('b'),
    Buffer.of(0x87),
    put(),
    Buffer.from('R'),
    put(),
    Buffer.from('(K\x01', 'latin1'),
    int2(records.length),
    int2(3072),
    Buffer.of(0x86),
    put(),
    global('numpy\ndtype'),
    short('u1'),
    Buffer.from('K\x00K\x01', 'latin1'),
    Buffer.of(0x87),
    put(),
    Buffer.from('R'),
    put(),
    Buffer.from('(K\x03', 'latin1'),
    short('|'),
    Buffer.from('NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t', 'latin1'),
    put(),
    Buffer.from('b'),
    Buffer.of(0x89),
    Buffer.from('T'),
    length,
    data,
    put(),
    Buffer.from('t'),
    put(),
    Buffer.from('b'),
    short('filenames'),
    Buffer.from(']'),
    put(),
    Buffer.from('('),
    ...records.map((_, i) => short(`image_${i}.png`)),
    Buffer.from('eu.'),
  ]);
}
