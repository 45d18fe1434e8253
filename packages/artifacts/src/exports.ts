import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type CheckpointFormat, type CheckpointManifest, checkpointFileSchema } from '@trainyard/contracts';
import { ZipFile } from 'yazl';
import { readManifest, readVerifiedFiles } from './checkpoint.js';
import { type WrittenFile, writeDurably } from './files.js';
import { decodeWeights } from './modelJson.js';
import { writeSafetensors } from './safetensors.js';

/** A checkpoint as one file that a user downloads. */
export interface ExportedFile {
  path: string;
  bytes: number;
  /** Lower-case hexadecimal. */
  sha256: string;
  /** What to call it, e.g. `job_…-epoch-12.zip`. */
  fileName: string;
  mediaType: string;
}

const kinds: Record<CheckpointFormat, { extension: string; mediaType: string }> = {
  tfjs: { extension: 'zip', mediaType: 'application/zip' },
  safetensors: { extension: 'safetensors', mediaType: 'application/octet-stream' },
};

const writtenFileSchema = checkpointFileSchema.omit({ name: true });

/**
 * The export of a checkpoint folder, made at the first call and kept in the folder. The bytes depend on the checkpoint
 * alone, so two processes that make the same export at once write the same file.
 * @throws CorruptCheckpointError when the checkpoint's files do not match their digests.
 */
export async function exportCheckpoint(folder: string, format: CheckpointFormat): Promise<ExportedFile> {
  const { extension, mediaType } = kinds[format];
  const path = join(folder, `export.${extension}`);
  const manifest = await readManifest(folder);
  const written = (await findExport(path)) ?? (await makeExport(folder, format, path));
  return { path, ...written, mediaType, fileName: `${manifest.jobId}-epoch-${manifest.cursor.epoch}.${extension}` };
}

/** The digest lies in a file beside the export and is written after it: where it is, the export is whole. */
const digestFile = (path: string) => `${path}.json`;

async function findExport(path: string): Promise<WrittenFile | null> {
  try {
    const written = writtenFileSchema.parse(JSON.parse(await readFile(digestFile(path), 'utf8')));
    return (await stat(path)).size === written.bytes ? written : null;
  } catch {
    return null;
  }
}

async function makeExport(folder: string, format: CheckpointFormat, path: string): Promise<WrittenFile> {
  const { manifest, file } = await readVerifiedFiles(folder);
  const model = await file('model.json');
  const weights = await file('weights.bin');
  const partial = `${path}.partial-${randomBytes(6).toString('hex')}`;
  const partialDigest = `${partial}.json`;
  try {
    const written =
      format === 'tfjs'
        ? await writeZip(partial, { 'model.json': model, 'weights.bin': weights })
        : await writeSafetensors(partial, decodeWeights(model.toString(), weights), metadata(manifest));
    await writeDurably(partialDigest, [Buffer.from(JSON.stringify(written))]);
    await rename(partial, path);
    await rename(partialDigest, digestFile(path));
    return written;
  } catch (error) {
    await Promise.all([partial, partialDigest].map((name) => rm(name, { force: true })));
    throw error;
  }
}

/** What the safetensors file says of itself; the format allows text alone. */
const metadata = (manifest: CheckpointManifest): Record<string, string> => ({
  jobId: manifest.jobId,
  epoch: String(manifest.cursor.epoch),
  classes: JSON.stringify(manifest.dataset.classes),
  inputShape: JSON.stringify(manifest.inputShape),
  normalization: JSON.stringify(manifest.normalization),
  layout: 'kernels [height, width, in, out] and [in, out]; input [batch, height, width, channels]; outputs are logits',
});

/** Stored, not deflated: weights hardly shrink. One fixed time (zip's own epoch) and mode make the bytes repeatable. */
async function writeZip(path: string, files: Record<string, Buffer>): Promise<WrittenFile> {
  const zip = new ZipFile();
  for (const [name, contents] of Object.entries(files)) {
    const mtime = new Date(1980, 0, 1);
    zip.addBuffer(contents, name, { mtime, mode: 0o100644, compress: false, forceDosTimestamp: true });
  }
  zip.end();
  const bytes = await buffer(zip.outputStream);
  return writeDurably(path, [bytes]);
}
