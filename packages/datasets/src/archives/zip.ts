import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { type Guard, quote } from './guard.js';
import type { ArchiveEntry, ArchiveKind } from './kind.js';
import { collect } from './streams.js';

export const zip: ArchiveKind = {
  name: 'zip archive',
  recognises: (head) => ['PK\x03\x04', 'PK\x05\x06'].includes(head.subarray(0, 4).toString('latin1')),
  entries: zipEntries,
};

/** File type in the upper half of a zip entry's external attributes, as Unix archivers store it. */
const unixType = { mask: 0o170000, none: 0, folder: 0o040000, file: 0o100000 };
const plainTypes = [unixType.none, unixType.folder, unixType.file];

async function* zipEntries(file: string, guard: Guard): AsyncGenerator<ArchiveEntry> {
  const packedBytes = (await stat(file)).size;
  // decodeStrings: false leaves the names to the guard, so that refusals have the same text for every format.
  const archive = await promised<yauzl.ZipFile>((done) =>
    yauzl.open(file, { lazyEntries: true, autoClose: false, decodeStrings: false }, done),
  );
  try {
    guard.admitCount(archive.entryCount);
    let unpacked = 0;
    for await (const entry of directoryOf(archive)) {
      // With decodeStrings: false yauzl returns bytes, which its types do not say.
      const rawName = (entry.fileName as unknown as Buffer).toString('utf8');
      const path = guard.admit(rawName, entry.uncompressedSize);
      if (path === null) continue;
      unpacked += entry.uncompressedSize;
      guard.admitRatio(quote(path), entry.uncompressedSize, entry.compressedSize);
      guard.admitRatio('it', unpacked, packedBytes);
      refuseSpecial(entry, path, guard);
      if (rawName.endsWith('/')) continue;
      yield { path, bytes: entry.uncompressedSize, read: () => readEntry(archive, entry) };
    }
  } finally {
    archive.close();
  }
}

function refuseSpecial(entry: yauzl.Entry, path: string, guard: Guard): void {
  const type = (entry.externalFileAttributes >>> 16) & unixType.mask;
  if (!plainTypes.includes(type)) throw guard.refusal(`${quote(path)} is a link or a device; pack the file itself`);
  if ((entry.generalPurposeBitFlag & 1) === 1) throw guard.refusal('it is encrypted; pack it without a password');
}

async function* directoryOf(archive: yauzl.ZipFile): AsyncGenerator<yauzl.Entry> {
  for (let i = 0; i < archive.entryCount; i++) yield await nextEntry(archive);
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

async function readEntry(archive: yauzl.ZipFile, entry: yauzl.Entry): Promise<Buffer> {
  const stream = await promised<Readable>((done) => archive.openReadStream(entry, done));
  const content = await collect(stream);
  // yauzl checks the size that the entry states, but not the checksum.
  if (crc32(content) !== entry.crc32) throw new Error('a checksum does not match');
  return content;
}

function promised<T>(start: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))));
}
