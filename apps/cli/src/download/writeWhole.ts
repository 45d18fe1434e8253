import { open, rename, rm, stat } from 'node:fs/promises';
import { ConflictError, InvalidInputError } from '@trainyard/contracts';

/**
 * Writes a file under another name, and renames it when all of it is there: a file of this name is never a part.
 * @param fill writes its bytes, and throws when they are not whole
 * @returns the file
 * @throws ConflictError when the file exists and `force` is not set
 */
export async function writeWhole(
  file: string,
  { force }: { force: boolean },
  fill: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<string> {
  if (!force && (await exists(file))) throw new ConflictError(`${file} is there already; add --force to replace it`);
  const partial = `${file}.part-${process.pid}`;
  const handle = await open(partial, 'w').catch((error: NodeJS.ErrnoException) => {
    throw new InvalidInputError(`cannot write ${file}: ${error.message}`);
  });
  try {
    await fill(async (bytes) => void (await handle.writeFile(bytes)));
    await handle.sync();
    await handle.close();
    await rename(partial, file);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(partial, { force: true });
    throw error;
  }
  return file;
}

const exists = async (file: string): Promise<boolean> => (await stat(file).catch(() => null)) !== null;
