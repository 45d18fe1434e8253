import { createReadStream, createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { DamagedEntryError } from './damaged.js';
import { FileWindow } from './fileWindow.js';
import { type Guard, quote } from './guard.js';
import type { ArchiveKind, StoredEntry } from './kind.js';
import type { StoredName } from './names.js';
import { inflate, inflaterOf, unsupported } from './zipMethods.js';

export const isZip = (head: Buffer): boolean => ['PK\x03\x04', 'PK\x05\x06'].includes(head.toString('latin1', 0, 4));

/** File type in the upper half of a zip entry's external attributes, as Unix archivers store it. */
const unixType = { mask: 0o170000, none: 0, folder: 0o040000, file: 0o100000, link: 0o120000 };
/** Upper byte of "version made by": FAT, NTFS, VFAT. */
const dosHosts = [0, 10, 14];
const mostTargetBytes = 4096;

export function zip(path: string): ArchiveKind {
  const kind: ArchiveKind = {
    name: 'zip archive',
    host: 'unix',
    async *entries(guard) {
      // Two, since the directory is at the end: one window would have to move for every file.
      const directory = new FileWindow(path);
      const contents = new FileWindow(path);
      try {
        for await (const entry of directoryOf(directory, guard)) {
          if (dosHosts.includes(entry.versionMadeBy >>> 8)) kind.host = 'dos';
          yield storedEntry(contents, path, entry);
        }
      } finally {
        directory.release();
        contents.release();
      }
    },
  };
  return kind;
}

async function* directoryOf(file: FileWindow, guard: Guard): AsyncGenerator<yauzl.Entry> {
  const archive = await new Promise<yauzl.ZipFile>((resolve, reject) => {
    const options = { lazyEntries: true, autoClose: false, decodeStrings: false };
    yauzl.fromRandomAccessReader(file, file.size, options, (error, opened) =>
      error ? reject(error) : resolve(opened),
    );
  });
  guard.admitCount(archive.entryCount);
  let unpacked = 0;
  for (let i = 0; i < archive.entryCount; i++) {
    const entry = await nextEntry(archive);
    unpacked += entry.uncompressedSize;
    guard.admitRatio(quote(String(entry.fileName)), entry.uncompressedSize, entry.compressedSize);
    guard.admitRatio('it', unpacked, file.size);
    if ((entry.generalPurposeBitFlag & 1) === 1) throw guard.refusal('it is encrypted; pack it without a password');
    yield entry;
  }
}

function nextEntry(archive: yauzl.ZipFile): Promise<yauzl.Entry> {
  return new Promise((resolve, reject) => {
    const onEntry = (entry: yauzl.Entry) => settle(() => resolve(entry));
    const onEnd = () => settle(() => reject(new Error('it ends early')));
    const onError = (error: Error) => settle(() => reject(error));
    const settle = (then: () => void) => {
      archive.off('entry', onEntry).off('end', onEnd).off('error', onError);
      then();
    };
    archive.on('entry', onEntry).on('end', onEnd).on('error', onError);
    archive.readEntry();
  });
}

function storedEntry(file: FileWindow, path: string, entry: yauzl.Entry): StoredEntry {
  const name = nameOf(entry);
  const type = typeOf(entry, name.raw);
  const read = () => readEntry(file, entry);
  const save = (to: string) => saveEntry(file, path, entry, to);
  const stored: StoredEntry = { name, bytes: entry.uncompressedSize, type, read, save };
  const problem = unsupported(entry.compressionMethod);
  if (problem !== null) return { ...stored, unreadable: problem };
  if (type !== 'link' || entry.uncompressedSize > mostTargetBytes) return stored;
  return { ...stored, target: async () => ({ raw: (await read()).toString('latin1'), utf8: name.utf8 }) };
}

function typeOf(entry: yauzl.Entry, raw: string): StoredEntry['type'] {
  const type = (entry.externalFileAttributes >>> 16) & unixType.mask;
  if (type === unixType.link) return 'link';
  if (type === unixType.folder || /[/\\]$/.test(raw)) return 'folder';
  return type === unixType.none || type === unixType.file ? 'file' : 'device';
}

/** Info-ZIP's field for the name in UTF-8, valid only for the name whose checksum it states. */
const unicodePath = 0x7075;

function nameOf(entry: yauzl.Entry): StoredName {
  // With decodeStrings: false yauzl returns bytes, which its types do not say.
  const bytes = entry.fileName as unknown as Buffer;
  const field = entry.extraFields.find(({ id }) => id === unicodePath)?.data;
  if (field !== undefined && field.length > 5 && field[0] === 1 && field.readUInt32LE(1) === crc32(bytes)) {
    return { raw: field.toString('latin1', 5), utf8: true };
  }
  return { raw: bytes.toString('latin1'), utf8: (entry.generalPurposeBitFlag & 0x800) !== 0 };
}

const localHeaderBytes = 30;

function startOf(file: FileWindow, entry: yauzl.Entry): number {
  const at = entry.relativeOffsetOfLocalHeader;
  const header = file.bytes(at, localHeaderBytes);
  if (header.readUInt32LE(0) !== 0x04034b50) throw new Error(`no file begins at byte ${at}`);
  return at + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
}

async function readEntry(file: FileWindow, entry: yauzl.Entry): Promise<Buffer> {
  const packed = file.bytes(startOf(file, entry), entry.compressedSize);
  const content = await inflate(packed, entry.compressionMethod, entry.uncompressedSize);
  checkContent(entry, content.length, crc32(content));
  return content;
}

/** In pieces: what is saved may be larger than the memory. */
async function saveEntry(file: FileWindow, path: string, entry: yauzl.Entry, to: string): Promise<void> {
  const inflater = inflaterOf(entry.compressionMethod);
  if (inflater === null || entry.compressedSize === 0)
    return writeFile(to, await readEntry(file, entry), { flag: 'wx' });
  const start = startOf(file, entry);
  let bytes = 0;
  let checksum = 0;
  await pipeline(
    createReadStream(path, { start, end: start + entry.compressedSize - 1 }),
    inflater,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > entry.uncompressedSize) break;
        checksum = crc32(chunk, checksum);
        yield chunk;
      }
    },
    createWriteStream(to, { flags: 'wx' }),
  );
  checkContent(entry, bytes, checksum);
}

function checkContent(entry: yauzl.Entry, bytes: number, checksum: number): void {
  if (bytes !== entry.uncompressedSize) throw new DamagedEntryError('its size is not the stated one');
  if (checksum !== entry.crc32) throw new DamagedEntryError('a checksum does not match');
}
