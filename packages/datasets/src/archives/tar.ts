import { createWriteStream } from 'node:fs';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract as createExtract, type Header } from 'tar-stream';
import type { Guard } from './guard.js';
import type { ArchiveKind, StoredEntry } from './kind.js';
import type { StoredName } from './names.js';
import { collect } from './streams.js';

/**
 * @param name for messages: `tar.gz archive`
 * @param open the plain tar from its beginning
 * @param packedBytes of the file
 */
export function tar(name: string, open: () => Readable, packedBytes: number): ArchiveKind {
  return { name, host: 'unix', entries: (guard) => tarEntries(open, packedBytes, guard) };
}

/** Whether the first 512 bytes are a tar header, of the old format without a signature too: by its checksum. */
export function isTarHeader(head: Buffer): boolean {
  if (head.length < 512) return false;
  const stated = Number.parseInt(head.toString('latin1', 148, 156).replaceAll('\0', ' ').trim(), 8);
  let sum = 8 * 0x20;
  for (let i = 0; i < 512; i++) if (i < 148 || i >= 156) sum += head[i] as number;
  return stated === sum && head[0] !== 0;
}

const chunkBytes = 256 * 1024;

async function* tarEntries(open: () => Readable, packedBytes: number, guard: Guard): AsyncGenerator<StoredEntry> {
  // The names of all entries are decoded together: here they stay bytes, one a character.
  const options = { filenameEncoding: 'latin1', allowUnknownFormat: true };
  const extract = createExtract(options as Parameters<typeof createExtract>[0]);
  const feeding = pipeline([open(), new TarMeter(guard, packedBytes), extract]);
  // The loop below throws the same error first; this only prevents an unhandled rejection.
  feeding.catch(() => {});
  for await (const stream of extract) {
    yield entryOf(stream.header, guard, {
      read: () => collect(stream),
      save: (file) => pipeline(stream, createWriteStream(file, { flags: 'wx' })),
    });
    stream.resume();
  }
  await feeding;
}

const types: Record<string, StoredEntry['type']> = {
  file: 'file',
  'contiguous-file': 'file',
  directory: 'folder',
  link: 'link',
  symlink: 'link',
};

function entryOf(header: Header, guard: Guard, content: Pick<StoredEntry, 'read' | 'save'>): StoredEntry {
  const { name, size = 0, linkname } = header;
  const pax = (header as { pax?: Record<string, string> | null }).pax ?? {};
  const type = types[String(header.type)] ?? 'device';
  const entry: StoredEntry = { name: nameOf(name, pax.path, guard), bytes: size, type, ...content };
  if (type !== 'link') return entry;
  const target = nameOf(linkname ?? '', pax.linkpath, guard);
  return { ...entry, fromTop: header.type === 'link', target: async () => target };
}

/** @param inPax the name in the header of the newer format, which tar-stream has decoded as UTF-8 */
function nameOf(raw: string, inPax: string | undefined, guard: Guard): StoredName {
  if (inPax === undefined) return { raw, utf8: false };
  if (!inPax.includes('\ufffd')) return { raw: Buffer.from(inPax).toString('latin1'), utf8: true };
  throw guard.refusal(`the name ${JSON.stringify(inPax)} is not UTF-8; pack it again with tar --format=gnu`);
}

/** Passes the unpacked bytes of a tar through, and checks their number against the archive's size, and the end mark. */
class TarMeter extends Transform {
  private passed = 0;
  private tail = Buffer.alloc(0);

  constructor(
    private readonly guard: Guard,
    private readonly packedBytes: number,
  ) {
    super({ highWaterMark: chunkBytes });
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

  // Without this check, a tar that was cut between two entries would look complete.
  override _flush(done: (error: Error | null) => void): void {
    const marked = this.tail.length === 512 && this.tail.every((byte) => byte === 0);
    done(marked ? null : new Error('its end mark is missing'));
  }
}
