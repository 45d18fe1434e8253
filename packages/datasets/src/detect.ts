import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { datasetNameSchema, InvalidInputError } from '@trainyard/contracts';
import { type ArchiveLimits, containerOf, defaultArchiveLimits, readEntries, stem } from './archives.js';
import { cifar10Classes, cifar10Shape, cifarFormatOf, planCifar10 } from './importers/cifar10.js';
import { type ImageFolderOptions, isImageFolder, planImageFolder } from './importers/imageFolder.js';
import type { ImportPlan } from './importers/plan.js';
import type { OnProgress } from './progress.js';

/** Looks what a folder or archive holds. Throws InvalidInputError when it is nothing that can be imported. */
export async function planPath(
  path: string,
  options: ImageFolderOptions & { onProgress: OnProgress; limits?: ArchiveLimits },
): Promise<ImportPlan> {
  const { onProgress, limits } = options;
  const paths: string[] = [];
  await readEntries(
    path,
    (entry) => {
      paths.push(entry.path);
      onProgress({ phase: 'scanning', done: paths.length, total: null });
    },
    limits,
  );
  const format = cifarFormatOf(paths);
  if (format !== null) return planCifar10(path, format, limits);
  if (isImageFolder(paths)) return planImageFolder(path, paths, options, limits);
  throw new InvalidInputError(
    `${path} holds neither CIFAR-10's batches nor images as train/<class>/<file> and test/<class>/<file>; ` +
      'lay the images out like this',
  );
}

/** `cifar10` for what has its classes and size, however it was stored, else from the file's name. */
export function suggestedName(path: string, plan: ImportPlan): string {
  if (plan.classes.join() === cifar10Classes.join() && plan.imageShape.join() === cifar10Shape.join()) return 'cifar10';
  const name = stem(path)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .replace(/-+$/, '')
    .slice(0, 64);
  return datasetNameSchema.safeParse(name).success ? name : 'images';
}

/**
 * Tells a source apart from others without decoding it: SHA-256 of an archive's bytes; of the paths, sizes and times
 * of a folder's files.
 */
export async function digestSource(path: string): Promise<string> {
  const hash = createHash('sha256');
  if ((await containerOf(path)) === 'folder') await digestFolder(hash, path);
  else for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}`;
}

async function digestFolder(hash: Hash, path: string): Promise<void> {
  const root = await realpath(path);
  hash.update(root);
  await readEntries(
    root,
    async ({ path: relative, bytes }) => {
      const { mtimeMs } = await lstat(join(root, relative));
      hash.update(JSON.stringify([relative, bytes, mtimeMs]));
    },
    { ...defaultArchiveLimits, totalBytes: Number.MAX_SAFE_INTEGER },
  );
}
