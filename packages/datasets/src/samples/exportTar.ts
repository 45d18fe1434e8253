import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import type { PackedDataset } from '../packed/reader.js';
import { exportImages } from './exportImages.js';

/** A dataset as the bytes of a tar of PNG files. @see exportImages */
export async function* exportTar(packed: PackedDataset): AsyncGenerator<Buffer> {
  const pack = tar.pack();
  const filling = (async () => {
    for await (const { path, png } of exportImages(packed)) {
      const entry = pack.entry({ name: path, size: png.length, mtime: new Date(packed.dataset.importedAt) });
      entry.end(png);
      await once(entry, 'finish');
    }
    pack.finalize();
  })();
  filling.catch((error: Error) => pack.destroy(error));
  for await (const chunk of pack) yield chunk as Buffer;
  await filling;
}

/** Reads such a tar: each file with its content, in order. */
export async function* unpackTar(stream: Readable): AsyncGenerator<{ path: string; content: Buffer }> {
  const extract = tar.extract();
  const feeding = pipeline(stream, extract);
  // The loop below throws the same error first; this only prevents an unhandled rejection.
  feeding.catch(() => {});
  for await (const entry of extract) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    yield { path: entry.header.name, content: Buffer.concat(chunks) };
  }
  await feeding;
}
