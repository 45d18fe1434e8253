import { createReadStream } from 'node:fs';
import { lstat, open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createGunzip } from 'node:zlib';
import { InvalidInputError, TrainyardError } from '@trainyard/contracts';
import tar from 'tar-stream';
import yauzl from 'yauzl';

/*
 * An archive is hostile until proven. Nothing is ever extracted to disk: entries are streamed, and their paths serve
 * only to tell splits, classes and order. Even so a path that leaves, a link or a bomb refuses the whole archive,
 * because nobody makes these by mistake.
 */

/** What an archive may ask of this machine. Bytes are uncompressed ones. */
export interface ArchiveLimits {
  entries: number;
  totalBytes: number;
  entryBytes: number;
  /** Uncompressed bytes a compressed byte, beyond the first `ratioGraceBytes`. */
  ratio: number;
  ratioGraceBytes: number;
  pathLength: number;
  pathDepth: number;
}

export const defaultArchiveLimits: ArchiveLimits = {
  entries: 2_000_000,
  totalBytes: 64 * 1024 ** 3,
  entryBytes: 64 * 1024 ** 2,
  ratio: 100,
  ratioGraceBytes: 16 * 1024 ** 2,
  pathLength: 512,
  pathDepth: 8,
};

/** One file in a folder or an archive. */
export interface Entry {
  /** Relative, with `/` between its parts; proven not to leave. */
  path: string;
  bytes: number;
  /** The content. May be called once, before the visit ends. */
  read(): Promise<Buffer>;
}

export type Container = 'folder' | 'tar' | 'tar.gz' | 'zip';

/** Tells a folder or archive by its first bytes, never by its name. Throws InvalidInputError for anything else. */
export async function containerOf(path: string): Promise<Container> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new InvalidInputError(
      error.code === 'ENOENT' ? `${path} does not exist` : `${path} cannot be read (${error.code})`,
    );
  });
  if (info.isDirectory()) return 'folder';
  if (!info.isFile()) throw new InvalidInputError(`${path} is neither a file nor a folder`);
  const head = await firstBytes(path, 512);
  if (head[0] === 0x1f && head[1] === 0x8b) return 'tar.gz';
  if (head.subarray(0, 4).equals(Buffer.from('PK\x03\x04')) || head.subarray(0, 4).equals(Buffer.from('PK\x05\x06'))) {
    return 'zip';
  }
  if (head.subarray(257, 262).toString('latin1') === 'ustar') return 'tar';
  throw new InvalidInputError(`${path} is no folder and no .tar, .tar.gz or .zip archive; pack it as one of these`);
}

/**
 * Calls `visit` for every file of a folder or archive, one after the other, in the order in which they are stored.
 * Throws InvalidInputError, naming the file, when it is truncated, damaged or over the limits; what `visit` throws
 * passes unchanged.
 */
export async function readEntries(
  path: string,
  visit: (entry: Entry) => Promise<void> | void,
  limits: ArchiveLimits = defaultArchiveLimits,
): Promise<void> {
  const container = await containerOf(path);
  const guard = new Guard(path, limits);
  // Errors of the visitor must not be told as faults of the archive.
  let visitorFailed = false;
  const guardedVisit = async (entry: Entry) => {
    let readerFailure: unknown = null;
    const read = () =>
      entry.read().catch((error) => {
        readerFailure = error;
        throw error;
      });
    try {
      await visit({ ...entry, read });
    } catch (error) {
      visitorFailed = error !== readerFailure;
      throw error;
    }
  };
  try {
    if (container === 'folder') await readFolder(path, guard, guardedVisit);
    else if (container === 'zip') await readZip(path, guard, guardedVisit);
    else await readTar(path, container === 'tar.gz', guard, guardedVisit);
  } catch (error) {
    if (visitorFailed || error instanceof TrainyardError) throw error;
    const kind = container === 'folder' ? 'folder' : `${container} archive`;
    throw new InvalidInputError(
      `${path} cannot be read as a ${kind}: it is truncated or damaged (${(error as Error).message}); get it again`,
    );
  }
}

/** Counts what was seen of one archive and refuses it at the first thing that is too much or out of place. */
class Guard {
  private readonly seen = new Set<string>();
  private bytes = 0;

  constructor(
    readonly file: string,
    readonly limits: ArchiveLimits,
  ) {}

  refuse(why: string): InvalidInputError {
    return new InvalidInputError(`${this.file} is refused: ${why}`);
  }

  /** Returns the entry's path in its one normal form, or null for the root folder itself. */
  admit(rawPath: string, bytes: number): string | null {
    const { limits } = this;
    const path = this.normalise(rawPath);
    if (path === null) return null;
    if (this.seen.has(path)) throw this.refuse(`it holds ${quote(path)} twice`);
    this.seen.add(path);
    this.admitCount(this.seen.size);
    if (bytes > limits.entryBytes) {
      throw this.refuse(`${quote(path)} has ${bytes} bytes, more than ${limits.entryBytes} are allowed in one file`);
    }
    this.bytes += bytes;
    if (this.bytes > limits.totalBytes) {
      throw this.refuse(`it unpacks to more than ${limits.totalBytes} bytes`);
    }
    return path;
  }

  admitCount(entries: number): void {
    if (entries > this.limits.entries) throw this.refuse(`it has more than ${this.limits.entries} entries`);
  }

  admitRatio(what: string, unpacked: number, packed: number): void {
    const { ratio, ratioGraceBytes } = this.limits;
    if (unpacked > ratioGraceBytes + ratio * packed) {
      throw this.refuse(`${what} unpacks to more than ${ratio} times its size, as an archive bomb does`);
    }
  }

  private normalise(rawPath: string): string | null {
    const { limits } = this;
    if (rawPath.length > limits.pathLength) {
      throw this.refuse(
        `the path ${quote(`${rawPath.slice(0, 40)}...`)} is longer than ${limits.pathLength} characters`,
      );
    }
    if (rawPath.startsWith('/') || /^[A-Za-z]:/.test(rawPath)) {
      throw this.refuse(`${quote(rawPath)} is an absolute path`);
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/[\\\u0000-\u001f\u007f]/.test(rawPath)) {
      throw this.refuse(`the path ${quote(rawPath)} has a backslash or a control character`);
    }
    const parts = rawPath.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.includes('..')) throw this.refuse(`the path ${quote(rawPath)} leaves the archive`);
    if (parts.length > limits.pathDepth) {
      throw this.refuse(`the path ${quote(rawPath)} is deeper than ${limits.pathDepth} folders`);
    }
    return parts.length === 0 ? null : parts.join('/');
  }
}

async function readFolder(root: string, guard: Guard, visit: (entry: Entry) => Promise<void>): Promise<void> {
  const walk = async (below: string): Promise<void> => {
    const names = (await readdir(join(root, below))).sort();
    for (const name of names) {
      const relative = below === '' ? name : `${below}/${name}`;
      const info = await lstat(join(root, relative));
      const path = guard.admit(relative, info.isFile() ? info.size : 0);
      if (path === null) continue;
      if (info.isDirectory()) await walk(relative);
      else if (info.isFile()) await visit({ path, bytes: info.size, read: () => readFile(join(root, relative)) });
      else throw guard.refuse(`${quote(path)} is a link or a device; put the file itself there`);
    }
  };
  await walk('');
}

const plainTarTypes = new Set(['file', 'contiguous-file', 'directory']);

async function readTar(
  file: string,
  gzipped: boolean,
  guard: Guard,
  visit: (entry: Entry) => Promise<void>,
): Promise<void> {
  const meter = new TarMeter(guard, (await stat(file)).size);
  const extract = tar.extract();
  const stages = [createReadStream(file, { highWaterMark: 256 * 1024 }), ...(gzipped ? [createGunzip()] : []), meter];
  const feeding = pipeline([...stages, extract as unknown as NodeJS.WritableStream]);
  // The loop below sees the same failure first; this only keeps it from being reported as unhandled.
  feeding.catch(() => {});
  for await (const stream of extract) {
    const { name, size, type } = stream.header;
    const path = guard.admit(name, size ?? 0);
    if (!plainTarTypes.has(String(type))) {
      throw guard.refuse(`${quote(name)} is a link or a device; pack the file itself`);
    }
    if (path !== null && type !== 'directory') {
      await visit({ path, bytes: size ?? 0, read: () => collect(stream as unknown as Readable) });
    }
    stream.resume();
  }
  await feeding;
}

/** Watches the unpacked bytes of a tar on their way: their number against the archive's own, and its end mark. */
class TarMeter extends Transform {
  private passed = 0;
  private tail = Buffer.alloc(0);

  constructor(
    private readonly guard: Guard,
    private readonly packedBytes: number,
  ) {
    super({ highWaterMark: 256 * 1024 });
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error: Error | null, chunk?: Buffer) => void): void {
    this.passed += chunk.length;
    this.tail = Buffer.concat([this.tail, chunk.subarray(-512)]).subarray(-512);
    try {
      this.guard.admitRatio('it', this.passed, this.packedBytes);
      done(null, chunk);
    } catch (error) {
      done(error as Error);
    }
  }

  // A tar that was cut between two entries looks whole but for this.
  override _flush(done: (error: Error | null) => void): void {
    const marked = this.tail.length === 512 && this.tail.every((byte) => byte === 0);
    done(marked ? null : new Error('its end mark is missing'));
  }
}

/** File type in the upper half of a zip entry's external attributes, as Unix archivers store it. */
const unixType = { mask: 0o170000, none: 0, folder: 0o040000, file: 0o100000 };

async function readZip(file: string, guard: Guard, visit: (entry: Entry) => Promise<void>): Promise<void> {
  const packedBytes = (await stat(file)).size;
  // decodeStrings: false leaves the names to the guard, which words its refusals the same for every format.
  const zip = await callback<yauzl.ZipFile>((done) =>
    yauzl.open(file, { lazyEntries: true, autoClose: false, decodeStrings: false }, done),
  );
  try {
    guard.admitCount(zip.entryCount);
    let unpacked = 0;
    for await (const entry of zipEntries(zip)) {
      const rawName = (entry.fileName as unknown as Buffer).toString('utf8');
      const path = guard.admit(rawName, entry.uncompressedSize);
      if (path === null) continue;
      guard.admitRatio(quote(path), entry.uncompressedSize, entry.compressedSize);
      unpacked += entry.uncompressedSize;
      guard.admitRatio('it', unpacked, packedBytes);
      const type = (entry.externalFileAttributes >>> 16) & unixType.mask;
      if (type !== unixType.none && type !== unixType.folder && type !== unixType.file) {
        throw guard.refuse(`${quote(path)} is a link or a device; pack the file itself`);
      }
      if ((entry.generalPurposeBitFlag & 1) === 1) throw guard.refuse('it is encrypted; pack it without a password');
      if (rawName.endsWith('/')) continue;
      await visit({ path, bytes: entry.uncompressedSize, read: () => readZipEntry(zip, entry) });
    }
  } finally {
    zip.close();
  }
}

async function* zipEntries(zip: yauzl.ZipFile): AsyncGenerator<yauzl.Entry> {
  for (let i = 0; i < zip.entryCount; i++) {
    yield await new Promise<yauzl.Entry>((resolve, reject) => {
      const onEntry = (entry: yauzl.Entry) => settle(() => resolve(entry));
      const onEnd = () => settle(() => reject(new Error('it ends early')));
      const onError = (error: Error) => settle(() => reject(error));
      const settle = (then: () => void) => {
        zip.off('entry', onEntry).off('end', onEnd).off('error', onError);
        then();
      };
      zip.on('entry', onEntry).on('end', onEnd).on('error', onError);
      zip.readEntry();
    });
  }
}

async function readZipEntry(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Buffer> {
  const stream = await callback<Readable>((done) => zip.openReadStream(entry, done));
  const content = await collect(stream);
  // yauzl holds the stream to the stored size, but leaves the checksum to us.
  if (crc32(content) !== entry.crc32) throw new Error('a checksum does not match');
  return content;
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

function callback<T>(start: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))));
}

async function firstBytes(path: string, bytes: number): Promise<Buffer> {
  const handle = await open(path);
  try {
    const head = Buffer.alloc(bytes);
    const { bytesRead } = await handle.read(head, 0, bytes, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function quote(path: string): string {
  return JSON.stringify(path);
}

/** The part of a file's name before its archive extension: `pets.tar.gz` is `pets`. */
export function stem(path: string): string {
  return basename(path).replace(/\.(tar|tar\.gz|tgz|zip)$/i, '');
}
