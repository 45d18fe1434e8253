import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CorruptCheckpointError } from './corruptCheckpointError.js';
import { sha256Of } from './files.js';

/** An uploaded file of weights in the folder of what a job starts from. */
export const uploadedFile = 'upload.safetensors';

/** @throws CorruptCheckpointError when the file is missing or has another digest */
export async function readUploadedWeights(folder: string, sha256: string): Promise<Buffer> {
  const bytes = await readFile(join(folder, uploadedFile)).catch((cause: unknown) => {
    throw new CorruptCheckpointError(folder, `${uploadedFile} cannot be read`, { cause });
  });
  if (sha256Of(bytes) !== sha256) throw new CorruptCheckpointError(folder, `${uploadedFile} has another SHA-256`);
  return bytes;
}
