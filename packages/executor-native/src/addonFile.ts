import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The C++ sources; the relative path from `src/` and `dist/` is the same. */
export const nativeSources = fileURLToPath(new URL('../native', import.meta.url));

/** A packed installation has no TypeScript sources. */
export const isCheckout: boolean = existsSync(fileURLToPath(new URL('../src', import.meta.url)));

export const cpuAddonName = 'trainyard_native.node';

/**
 * Where an addon is: in the folder that the environment names, or in this package. `trainyard up` sets that variable
 * for the processes that it starts when the package's folder is read-only; test/sanitize.sh sets it for the tests.
 * @returns null when it is not built.
 */
export function findAddon(fileName: string): string | null {
  const folders = [process.env.TRAINYARD_NATIVE_BUILD, path.join(nativeSources, 'build')];
  const files = folders.filter((folder) => folder !== undefined).map((folder) => path.join(folder, fileName));
  return files.find((file) => existsSync(file)) ?? null;
}

/** The folder into which an addon can be built: this package's, or `fallback` where that is read-only. */
export async function writableBuildFolder(fallback: string): Promise<string> {
  const isWritable = await access(nativeSources, constants.W_OK).then(
    () => true,
    () => false,
  );
  return isWritable ? path.join(nativeSources, 'build') : fallback;
}
