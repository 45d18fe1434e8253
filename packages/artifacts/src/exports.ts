import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointFileSchema, type ExportChoice, jsonText } from '@trainyard/contracts';
import { exportVersion, type ModelFormat, modelFormat } from '@trainyard/formats';
import { replaceFile } from '@trainyard/process';
import { openCheckpoint, readManifest } from './checkpoint.js';
import { sha256Of, type WrittenFile, writeParts } from './files.js';
import { assertIntact, digestOf } from './intact.js';

/** A checkpoint as one file that a user downloads. */
export interface ExportedFile {
  path: string;
  bytes: number;
  /** Lower-case hexadecimal. */
  sha256: string;
  /** The name that the user's file gets, e.g. `job_…-epoch-12.zip`. */
  fileName: string;
  mediaType: string;
}

const writtenFileSchema = jsonText(checkpointFileSchema.omit({ name: true }));

/**
 * The export of a checkpoint folder, written by the first call and kept in the folder. Its bytes depend only on the
 * checkpoint, so two processes that write the same export at the same time write the same file. Each call compares the
 * files of the checkpoint and the export with their digests, unless they are as they were at the last one.
 * @throws CorruptCheckpointError when the files of the checkpoint do not match their digests.
 */
export async function exportCheckpoint(
  folder: string,
  choice: ExportChoice,
  card: string | undefined,
): Promise<ExportedFile> {
  const format = modelFormat(choice);
  const { extension, mediaType } = format;
  // A card changes once, when the checkpoint has been tested: the files with each of them stay.
  const version = card === undefined ? '' : `.${sha256Of(Buffer.from(card)).slice(0, 16)}`;
  const path = join(folder, `export${version}.${extension}`);
  const manifest = await readManifest(folder);
  await assertIntact(folder, manifest, ['model.json', 'weights.bin']);
  const written = (await findExport(path)) ?? (await writeExport(folder, format, { path, card }));
  return { path, ...written, mediaType, fileName: `${manifest.jobId}-epoch-${manifest.cursor.epoch}.${extension}` };
}

/**
 * The digest is in a file beside the export and is written after it: where it exists, the export is complete. An export
 * of another version of the writers has none of this name.
 */
const digestFile = (path: string) => `${path}.${exportVersion}.json`;

async function findExport(path: string): Promise<WrittenFile | null> {
  try {
    const written = writtenFileSchema.parse(await readFile(digestFile(path), 'utf8'));
    return (await digestOf(path)) === written.sha256 ? written : null;
  } catch {
    return null;
  }
}

async function writeExport(
  folder: string,
  format: ModelFormat,
  { path, card }: { path: string; card: string | undefined },
): Promise<WrittenFile> {
  const { manifest, readFile: readVerified } = await openCheckpoint(folder);
  const modelJson = await readVerified('model.json');
  const weightsBin = await readVerified('weights.bin');
  const parts = await format.encode({ manifest, modelJson, weightsBin, card });
  const written = await replaceFile(path, (handle) => writeParts(handle, parts));
  await replaceFile(digestFile(path), (handle) => handle.writeFile(JSON.stringify(written)));
  return written;
}
