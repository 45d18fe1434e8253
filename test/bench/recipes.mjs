/** What benchmarks of whole trainings train, and on what. */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { UsageError } from './sides.mjs';

/** Where imported archives are kept for the next time. */
export const defaultCache = join(tmpdir(), 'trainyard-bench');

/** `lenet`, `lenet:tuned` or a JSON file, with changes. A `limit` is one of the dataset. */
export async function readRecipe(text, { limit, ...fields }) {
  const named = existsSync(text) ? { name: basename(text, '.json'), spec: await readJson(text) } : preset(text);
  const changes = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const dataset = limit === undefined ? {} : { dataset: { ...named.spec.dataset, limit } };
  return { name: named.name, spec: { ...named.spec, ...changes, ...dataset } };
}

const readJson = async (file) => JSON.parse(await readFile(file, 'utf8'));

function preset(text) {
  const [architecture, recipe] = text.split(':');
  return { name: text, spec: { architecture, ...(recipe ? { recipe } : {}) } };
}

/** The packed file of a dataset; imported into the folder `cache` where it is not one yet. */
export async function packedDataset(path, cache) {
  if (!path) throw new UsageError('name a dataset with --dataset or TRAINYARD_CIFAR10');
  const { DatasetStore, openPacked } = await import('../../packages/datasets/dist/index.js');
  if (await openPacked(path).catch(() => null)) return path;
  await mkdir(cache, { recursive: true });
  const store = new DatasetStore(cache);
  console.error(`importing ${path} into ${cache} …`);
  return store.file(await store.import({ kind: 'archive', path }));
}
