import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addStripes } from '../data/stripes.js';

/** A folder for TRAINYARD_HOME. */
export interface Home {
  folder: string;
  /** Packed file of the dataset `stripes`. */
  datasetFile: string;
  remove(): Promise<void>;
}

/** Creates a temporary TRAINYARD_HOME with the dataset `stripes`. */
export async function createHome(name = 'trainyard-home', parent = tmpdir()): Promise<Home> {
  const folder = await mkdtemp(path.join(parent, `${name}-`));
  // Postgres of a test run by root runs as another user, who must be able to reach its data below this folder.
  await chmod(folder, 0o711);
  return {
    folder,
    datasetFile: await addStripes(path.join(folder, 'datasets')),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Address and admin key of the API that runs on a home; the API writes them when it starts. */
export async function readCredentials(homeFolder: string): Promise<{ url: string; apiKey: string }> {
  return JSON.parse(await readFile(path.join(homeFolder, 'credentials.json'), 'utf8'));
}
