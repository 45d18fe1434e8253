import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addStripes } from './dataset.js';

export interface Home {
  folder: string;
  /** Packed file of the dataset `stripes`. */
  datasetFile: string;
  remove(): Promise<void>;
}

/** A TRAINYARD_HOME of its own with the dataset `stripes`. */
export async function makeHome(): Promise<Home> {
  const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-home-'));
  // Root's Postgres runs as another user, who has to pass through.
  await chmod(folder, 0o711);
  return {
    folder,
    datasetFile: await addStripes(path.join(folder, 'datasets')),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
