/**
 * Trains recipes in a real trainer process, as a worker starts it, and compares its peak of memory with the memory that
 * a dry run expects.
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
 * The peak is the kernel's (VmHWM), so this needs Linux. Runs on the output of `npm run build`.
 */
import { parseArgs } from 'node:util';
import { processors } from '../shared/machine.js';
import { defaultCache, packedDataset, readRecipe } from '../shared/recipes.js';
import { megabytes, printTable } from '../shared/table.js';
import { optionalNumber, positive, runCommand, UsageError } from '../shared/usage.js';
import { type MeasuredTraining, trainInProcess } from './trainerProcess.js';

const { values: options } = parseArgs({
  options: {
    recipe: { type: 'string' },
    batch: { type: 'string' },
    epochs: { type: 'string' },
    limit: { type: 'string' },
    dataset: { type: 'string' },
    cache: { type: 'string', default: defaultCache },
    threads: { type: 'string', default: String(processors) },
    json: { type: 'boolean', default: false },
  },
});

interface Row extends MeasuredTraining {
  recipe: string;
  batch: number;
}

async function main(): Promise<void> {
  if (process.platform !== 'linux') throw new UsageError('the peak of a process is known on Linux only');
  if (!options.recipe) throw new UsageError('name one or more recipes with --recipe, e.g. --recipe lenet,vgg6');
  const changes = {
    batchSize: optionalNumber('batch', options.batch),
    epochs: optionalNumber('epochs', options.epochs),
    limit: optionalNumber('limit', options.limit),
    seed: 1,
  };
  const threads = positive('threads', options.threads);
  const file = await packedDataset(options.dataset, options.cache);
  const rows: Row[] = [];
  for (const text of options.recipe.split(',')) {
    const { name, spec } = await readRecipe(text, changes);
    const measured = await trainInProcess(spec, file, threads);
    const row = { recipe: name, batch: measured.spec.batchSize, ...measured };
    rows.push(row);
    if (options.json) console.log(JSON.stringify(row));
  }
  if (!options.json) printRows(rows);
}

function printRows(rows: Row[]): void {
  console.log('resident memory of the trainer process in MB: expected before, and measured at its peak\n');
  printTable(rows, [
    ['recipe', (row) => row.recipe],
    ['batch', (row) => String(row.batch)],
    ['process', (row) => megabytes(row.expected.processBytes)],
    ['dataset', (row) => megabytes(row.expected.datasetBytes)],
    ['weights', (row) => megabytes(row.expected.stateBytes)],
    ['step', (row) => megabytes(row.expected.stepBytes)],
    ['checkpoints', (row) => megabytes(row.expected.checkpointBytes)],
    ['expected', (row) => megabytes(row.expected.peakBytes)],
    ['measured', (row) => megabytes(row.peakBytes)],
    ['expected/measured', (row) => (row.expected.peakBytes / row.peakBytes).toFixed(2)],
  ]);
}

await runCommand(main);
