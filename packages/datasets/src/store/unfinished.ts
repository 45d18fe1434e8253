import { randomUUID } from 'node:crypto';
import { readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import { bytesOfImage } from '../packed/format.js';
import type { SetPlan } from '../sets/plan.js';

/** Unfinished imports that were not written to for so long belong to a dead process. */
const abandonedMs = 60 * 60 * 1000;

/** `:` is in no name, so that no prefix begins with another. */
const prefixOf = (name: string): string => `.import-${name}:`;

/** Where an import writes until it is complete. */
export const unfinishedFile = (root: string, name: string): string => join(root, `${prefixOf(name)}${randomUUID()}`);

/** Removes the unfinished files of imports whose process died: of this name, whose lock is held, at once. */
export async function removeAbandoned(root: string, name: string): Promise<void> {
  for (const file of (await readdir(root)).filter((each) => each.startsWith('.import-'))) {
    const path = join(root, file);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    const isOfThisName = file.startsWith(prefixOf(name));
    if (isOfThisName || Date.now() - mtimeMs > abandonedMs) await rm(path, { force: true });
  }
}

/** @throws InvalidInputError before anything is written, instead of an error of the disk an hour later */
export async function checkSpace(root: string, plan: SetPlan, bytesLeft: number): Promise<void> {
  const { imageShape, trainImages, validationImages = 0, testImages } = plan;
  const needed = (trainImages + validationImages + testImages) * bytesOfImage(imageShape);
  if (needed > bytesLeft) {
    throw new InvalidInputError(
      `The set needs ${needed} bytes, but only ${Math.floor(bytesLeft)} are left of what this project may store; ` +
        'delete other datasets, or choose a smaller size',
    );
  }
  const { bavail, bsize } = await statfs(root);
  if (needed <= bavail * bsize) return;
  const inMegabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;
  throw new InvalidInputError(
    `The set needs ${inMegabytes(needed)}, but ${root} has only ${inMegabytes(bavail * bsize)} free; ` +
      'free some space, or choose a smaller size (--size)',
  );
}
