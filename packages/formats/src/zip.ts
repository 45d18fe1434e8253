import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/**
 * A zip archive of `files` by name. They are stored, not deflated, because weights hardly shrink. A fixed time (the
 * earliest that a zip can have) and mode keep the bytes the same in every run.
 */
export async function zip(files: Record<string, Buffer>): Promise<Buffer> {
  const archive = new ZipFile();
  const mtime = new Date(1980, 0, 1);
  for (const [name, contents] of Object.entries(files))
    archive.addBuffer(contents, name, { mtime, mode: 0o100644, compress: false, forceDosTimestamp: true });
  archive.end();
  return buffer(archive.outputStream);
}
