import { once } from 'node:events';
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
