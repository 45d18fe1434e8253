import { basename } from 'node:path';
import { datasetNameSchema, InvalidInputError } from '@trainyard/contracts';

/** @throws InvalidInputError when it is not allowed as the name of a dataset */
export function checkName(name: string): string {
  const parsed = datasetNameSchema.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(`${JSON.stringify(name)} is not a dataset name: ${parsed.error.issues[0]?.message}`);
}

/** @throws InvalidInputError also for the name of the generated set: a job that requests it must get it. */
export function checkFreeName(name: string): void {
  if (checkName(name) === 'shapes') {
    throw new InvalidInputError('The name "shapes" is reserved for the generated set; choose another (--name)');
  }
}

/** A dataset name from a file's name without its archive extension: `My Pets.tar.gz` becomes `my-pets`. */
export function nameOfFile(path: string): string {
  const name = basename(path)
    .replace(/\.(tar|tar\.gz|tgz|zip)$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .replace(/-+$/, '')
    .slice(0, 64);
  return datasetNameSchema.safeParse(name).success ? name : 'images';
}
