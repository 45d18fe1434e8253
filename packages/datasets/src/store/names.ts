import { basename } from 'node:path';
import { type Dataset, datasetNameSchema, InvalidInputError, TrainyardError } from '@trainyard/contracts';
import { cifar10Classes } from '../importers/cifar10/batches.js';

/** @throws InvalidInputError when it is not allowed as the name of a dataset */
export function checkName(name: string): string {
  const parsed = datasetNameSchema.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(`${JSON.stringify(name)} is not a dataset name: ${parsed.error.issues[0]?.message}`);
}

/** @throws TrainyardError `conflict` for the name of the generated set: a job that requests it must get it. */
export function checkFreeName(name: string): void {
  if (checkName(name) === 'shapes') {
    const message = 'The name "shapes" is reserved for the generated set; choose another (--name)';
    throw new TrainyardError('conflict', message);
  }
}

/** The default dataset of a job, which only CIFAR-10 itself may become. */
export const defaultName = 'cifar10';

/** @returns whether a set is CIFAR-10 by its classes, shape and counts. Its pixels differ among JPEG copies. */
export function isCifar10(set: Pick<Dataset, 'classes' | 'imageShape' | 'trainImages' | 'testImages'>): boolean {
  return (
    String(set.classes) === String(cifar10Classes) &&
    String(set.imageShape) === '32,32,3' &&
    set.trainImages === 50_000 &&
    set.testImages === 10_000
  );
}

/** @throws TrainyardError `conflict` */
export function checkDefaultName(name: string, set: Parameters<typeof isCifar10>[0]): void {
  if (name !== defaultName || isCifar10(set)) return;
  throw new TrainyardError(
    'conflict',
    `The name "${defaultName}" is reserved for CIFAR-10 itself (its ten classes, 50,000 training and ` +
      '10,000 test images of 32x32), as jobs train on it by default; choose another (--name)',
  );
}

const archiveExtensions = /\.(?:tar|tar\.(?:gz|bz2|xz|zst)|tgz|tbz2?|txz|zip|npz|mat|parquet|gz|bz2|xz)$/i;

/** A dataset name from a file's name without its archive extension: `My Pets.tar.gz` becomes `my-pets`. */
export function nameOfFile(path: string): string {
  const name = basename(path)
    .replace(archiveExtensions, '')
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64)
    .replace(/-+$/, '');
  return datasetNameSchema.safeParse(name).success ? name : 'images';
}
