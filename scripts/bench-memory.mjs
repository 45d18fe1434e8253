#!/usr/bin/env node
/**
 * Trains recipes in a real trainer process, as a worker starts it, and compares the memory that it used at its peak with what
 * a dry run tells before.
 *
 *   npm run bench:memory -- --recipe vgg6 --batch 64 --epochs 1
 *
 * --recipe    one or more, comma-separated: a preset, `preset:recipe`, or a JSON file with a spec
 * --batch N, --epochs N, --limit N   instead of the recipe's; `limit`: only so many images to train and validate
 * --dataset   a packed dataset, or an archive or folder to import; default: what TRAINYARD_CIFAR10 names
 * --cache     where imported archives are kept for the next time
 * --threads N default: all processors
 * --json      one JSON object a recipe, with the memory at the end of every epoch, instead of the table
 *
 * The peak is the kernel's (VmHWM), so this needs Linux. Runs on what `npm run build` made.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { defaultCache, packedDataset, readRecipe } from '../test/bench/recipes.mjs';
import { tellingMisuse, UsageError } from '../test/bench/sides.mjs';
import { printColumns } from '../test/bench/table.mjs';
import { trainInProcess } from '../test/bench/trainer.mjs';

const { values: options } = parseArgs({
  options: {
    recipe: { type: 'string' },
    batch: { type: 'string' },
    epochs: { type: 'string' },
    limit: { type: 'string' },
    dataset: { type: 'string' },
    cache: { type: 'string', default: defaultCache },
    threads: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'boolean', default: false },
  },
});
const whole = (text) => (text === undefined ? undefined : Number(text));

async function bench() {
  if (process.platform !== 'linux') throw new UsageError('the peak of a process is known on Linux alone');
  if (!options.recipe) throw new UsageError('name one or more recipes with --recipe, e.g. --recipe lenet,vgg6');
  const changes = { batchSize: whole(options.batch), epochs: whole(options.epochs), limit: whole(options.limit) };
  const file = await packedDataset(options.dataset ?? process.env.TRAINYARD_CIFAR10, options.cache);
  const rows = [];
  for (const text of options.recipe.split(',')) {
    const { name, spec } = await readRecipe(text, { ...changes, seed: 1 });
    const { told, ...measured } = await trainInProcess(spec, file, Number(options.threads));
    const row = { recipe: name, batch: measured.spec.batchSize, told, ...measured };
    rows.push(row);
    if (options.json) console.log(JSON.stringify(row));
  }
  if (!options.json) printTable(rows);
}

function printTable(rows) {
  const megabytes = (bytes) => String(Math.round(bytes / 1e6));
  const part = (name) => (row) => megabytes(row.told[name]);
  console.log('resident memory of the trainer process in MB; told before, and measured at its peak\n');
  printColumns(rows, [
    ['recipe', (row) => row.recipe],
    ['batch', (row) => String(row.batch)],
    ['process', part('processBytes')],
    ['dataset', part('datasetBytes')],
    ['weights', part('stateBytes')],
    ['step', part('stepBytes')],
    ['checkpoints', part('checkpointBytes')],
    ['told', part('peakBytes')],
    ['measured', (row) => megabytes(row.peakBytes)],
    ['told/measured', (row) => (row.told.peakBytes / row.peakBytes).toFixed(2)],
  ]);
}

await tellingMisuse(bench);
