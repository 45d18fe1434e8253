/**
 * Trains recipes to their end, and prints after how many seconds of training they reached which accuracy on the test
 * split.
 *
 *   npm run bench:accuracy -- --recipe lenet:tuned,cnn3 --seeds 1,2 --out curves
 *
 * --recipe    one or more, comma-separated: a preset, `preset:recipe`, or a JSON file with a spec
 * --seeds     one run of each recipe for every seed (1)
 * --dataset   a packed dataset, or an archive or folder to import; default: what TRAINYARD_CIFAR10 names
 * --cache     where imported archives are kept for the next time
 * --targets   accuracies in percent (63,72,82,90,94)
 * --epochs N, --limit N   shorter: other epochs than the recipe's; only so many images to train and validate
 * --executor  native (default) or tfjs
 * --device    cpu (default), cuda:N, or torch:cpu; --precision fp32, tf32 or bf16, in place of the recipe's
 * --threads N default: all processors
 * --out DIR   writes a CSV of every run's epochs, which `npm run bench:curves` draws
 * --json      one JSON object a run instead of the table
 *
 * Only training counts as time: it pauses while the weights of an epoch are validated, written and tested, and an epoch
 * counts as a whole. Every run is a process of its own, one after the other. Runs on the output of `npm run build`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'csv-stringify/sync';
import { executorNames, precisions } from '../shared/executors.js';
import { processorModel, processors } from '../shared/machine.js';
import { defaultCache, packedDataset, readRecipe } from '../shared/recipes.js';
import { median } from '../shared/statistics.js';
import { printTable } from '../shared/table.js';
import { numbers, oneOf, optionalNumber, positive, runCommand, UsageError } from '../shared/usage.js';
import { type Run, trainInChild } from './run.js';

const { values: options } = parseArgs({
  options: {
    recipe: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    dataset: { type: 'string' },
    cache: { type: 'string', default: defaultCache },
    targets: { type: 'string', default: '63,72,82,90,94' },
    epochs: { type: 'string' },
    limit: { type: 'string' },
    executor: { type: 'string', default: 'native' },
    device: { type: 'string', default: 'cpu' },
    precision: { type: 'string' },
    threads: { type: 'string', default: String(processors) },
    out: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  if (!options.recipe) throw new UsageError('name one or more recipes with --recipe, e.g. --recipe lenet,cnn3');
  const targets = numbers('targets', options.targets);
  const seeds = numbers('seeds', options.seeds);
  const changes = {
    epochs: optionalNumber('epochs', options.epochs),
    limit: optionalNumber('limit', options.limit),
    precision: options.precision === undefined ? undefined : oneOf('precision', options.precision, precisions),
  };
  const place = {
    executor: oneOf('executor', options.executor, executorNames),
    device: options.device,
    threads: positive('threads', options.threads),
  };
  const recipes = await Promise.all(options.recipe.split(',').map((text) => readRecipe(text, changes)));
  const datasetFile = await packedDataset(options.dataset, options.cache);
  const runs: Run[] = [];
  for (const { name, spec } of recipes) {
    for (const seed of seeds) {
      const run = await trainInChild({ name, spec: { ...spec, seed }, datasetFile, targets, ...place });
      runs.push(run);
      if (options.out) await writeCurve(options.out, run);
      if (options.json) console.log(JSON.stringify(run));
    }
  }
  if (!options.json) printRuns(runs, targets, seeds);
}

async function writeCurve(folder: string, { recipe, seed, epochs }: Run): Promise<void> {
  await mkdir(folder, { recursive: true });
  const cast = { boolean: (value: boolean) => String(value) };
  await writeFile(join(folder, `${recipe.replace(':', '-')}-${seed}.csv`), stringify(epochs, { header: true, cast }));
}

function printRuns(runs: Run[], targets: number[], seeds: number[]): void {
  const start = runs[0]?.start;
  if (!start) return;
  console.log(`${processorModel}, ${processors} processors, ${start.threads} threads`);
  console.log(`Node ${process.version}; ${start.executor} on ${start.device}, ${start.version}`);
  console.log(`${start.dataset} ${start.digest.slice(0, 12)}; seeds ${seeds.join(', ')}`);
  console.log('seconds of training only (no validation, no test) to an accuracy on the test split; medians\n');
  const names = [...new Set(runs.map(({ recipe }) => recipe))];
  const byRecipe = names.map((name) => ({ name, runs: runs.filter(({ recipe }) => recipe === name) }));
  printTable(byRecipe, [
    ['recipe', (row) => row.name],
    ['epochs', (row) => String(row.runs[0]?.start.spec.epochs)],
    ...targets.map((target): [string, (row: { runs: Run[] }) => string] => [
      `${target} %`,
      (row) => timeTo(target, row.runs),
    ]),
    ['all', (row) => seconds(row.runs.map((run) => run.seconds))],
    ['test %', (row) => row.runs.map(({ end }) => (100 * end.testAccuracy).toFixed(2)).join(' ')],
  ]);
}

/** The median, and how many runs reached the target when not all did. */
function timeTo(target: number, runs: Run[]): string {
  const reached = runs.flatMap(({ secondsTo }) => secondsTo[target] ?? []);
  const isPartial = reached.length > 0 && reached.length < runs.length;
  return seconds(reached) + (isPartial ? ` (${reached.length}x)` : '');
}

const seconds = (values: number[]): string => (values.length > 0 ? median(values).toFixed(1) : '-');

await runCommand(main);
