import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { JobSpecInput } from '@trainyard/contracts';
import { DatasetStore, openPacked } from '@trainyard/datasets';
import { UsageError } from './usage.js';

/** The folder where imported archives stay for the next run. */
export const defaultCache = join(tmpdir(), 'trainyard-bench');

/** What an option changes in a recipe; undefined: nothing. */
export interface SpecChanges {
  batchSize?: number | undefined;
  epochs?: number | undefined;
  seed?: number | undefined;
  precision?: JobSpecInput['precision'];
  /** Uses only so many images for training and validation. */
  limit?: number | undefined;
}

export interface NamedSpec {
  name: string;
  spec: JobSpecInput;
}

/** @param text a preset (`lenet`), a preset with a recipe (`lenet:tuned`), or the path of a JSON file with a spec. */
export async function readRecipe(text: string, { limit, ...fields }: SpecChanges): Promise<NamedSpec> {
  const { name, spec } = existsSync(text) ? await readSpecFile(text) : presetSpec(text);
  const changes = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const changed = { ...spec, ...changes };
  return { name, spec: limit === undefined ? changed : { ...changed, dataset: { ...datasetOf(spec), limit } } };
}

/** The spec with this dataset, and its other settings of the data kept. */
export const withDataset = (spec: JobSpecInput, name: string): JobSpecInput => ({
  ...spec,
  dataset: { ...datasetOf(spec), name },
});

function datasetOf({ dataset = 'cifar10' }: JobSpecInput): { name: string } {
  return typeof dataset === 'string' ? { name: dataset } : { ...dataset };
}

async function readSpecFile(file: string): Promise<NamedSpec> {
  return { name: basename(file, '.json'), spec: JSON.parse(await readFile(file, 'utf8')) };
}

function presetSpec(text: string): NamedSpec {
  const [architecture = '', recipe] = text.split(':');
  // An unknown recipe is refused when the spec is checked.
  const spec = recipe ? { architecture, recipe } : { architecture };
  return { name: text, spec: spec as JobSpecInput };
}

/**
 * The path of a packed dataset.
 * @param path a packed file, or an archive or folder that is imported into the folder `cache`; default
 * TRAINYARD_CIFAR10.
 */
export async function packedDataset(path: string | undefined, cache: string): Promise<string> {
  const source = path ?? process.env.TRAINYARD_CIFAR10;
  if (!source) throw new UsageError('name a dataset with --dataset or TRAINYARD_CIFAR10');
  if (await openPacked(source).catch(() => null)) return source;
  await mkdir(cache, { recursive: true });
  const store = new DatasetStore(cache);
  console.error(`importing ${source} into ${cache} …`);
  return store.file(await store.import({ kind: 'archive', path: source }));
}
