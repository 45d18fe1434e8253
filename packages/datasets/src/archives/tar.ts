import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract as createExtract } from 'tar-stream';
import { type Guard, quote } from './guard.js';
import type { ArchiveEntry, ArchiveKind } from './kind.js';
import { collect } from './streams.js';

export const tar: ArchiveKind = {
  name: 'tar archive',
  recognises: (head) => head.subarray(257, 262).toString('latin1') === 'ustar',
  entries: (file, guard) => tarEntries(file, [], guard),
};

export const tarGz: ArchiveKind = {
  name: 'tar.gz archive',
  recognises: (head) => head[0] === 0x1f && head[1] === 0x8b,
  entries: (file, guard) => tarEntries(file, [createGunzip()], guard),
};

const chunkBytes = 256 * 1024;
const plainTypes = new Set(['file', 'contiguous-file', 'directory']);

/** @param decompression streams between the file and the plain tar */
async function* tarEntries(file: string, decompression: Transform[], guard: Guard): AsyncGenerator<ArchiveEntry> {
  const meter = new TarMeter(guard, (await stat(file)).size);
  const extract = createExtract();
  const stages = [createReadStream(file, { highWaterMark: chunkBytes }), ...decompression, meter];
  const feeding = pipeline([...stages, extract]);
  // The loop below throws the same error first; this only prevents an unhandled rejection.
  feeding.catch(() => {});
  for await (const stream of extract) {
    const { name, size, type } = stream.header;
    const path = guard.admit(name, size ?? 0);
    if (!plainTypes.has(String(type))) {
      throw guard.refusal(`${quote(name)} is a link or a device; pack the file itself`);
    }
    if (path !== null && type !== 'directory') {
      yield { path, bytes: size ?? 0, read: () => collect(stream) };
    }
    stream.resume();
  }
  await feeding;
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
