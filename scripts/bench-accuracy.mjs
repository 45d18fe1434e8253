#!/usr/bin/env node
/**
 * Trains recipes to their end and tells after how many seconds of training they reached which accuracy on the test split.
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
 * --out DIR   a CSV of every run's epochs, for docs/pictures/curves.mjs
 * --json      one JSON object a run instead of the table
 *
 * The time counts training alone: training stands still while the weights of an epoch are validated, written and tested, and
 * an epoch counts as a whole. Every run has a process of its own, one after the other. Runs on what `npm run build` made.
 */
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { defaultCache, packedDataset, readRecipe } from '../test/bench/recipes.mjs';
import { tellingMisuse, UsageError } from '../test/bench/sides.mjs';
import { median, printColumns } from '../test/bench/table.mjs';

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
    threads: { type: 'string', default: String(availableParallelism()) },
    out: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const targets = options.targets.split(',').map(Number);
const whole = (text) => (text === undefined ? undefined : Number(text));
const seeds = options.seeds.split(',').map(Number);

async function bench() {
  if (!options.recipe) throw new UsageError('name one or more recipes with --recipe, e.g. --recipe lenet,cnn3');
  if (![...seeds, ...targets].every(Number.isFinite)) throw new UsageError('--seeds and --targets take numbers');
  const changes = { epochs: whole(options.epochs), limit: whole(options.limit), precision: options.precision };
  const recipes = await Promise.all(options.recipe.split(',').map((text) => readRecipe(text, changes)));
  const dataset = await packedDataset(options.dataset ?? process.env.TRAINYARD_CIFAR10, options.cache);
  if (options.out) await mkdir(options.out, { recursive: true });
  const runs = [];
  for (const recipe of recipes) {
    for (const seed of seeds) {
      const run = await trainOnce(recipe, seed, dataset);
      runs.push(run);
      if (options.out)
        await writeFile(join(options.out, `${run.recipe.replace(':', '-')}-${seed}.csv`), toCsv(run.epochs));
      if (options.json) console.log(JSON.stringify(run));
    }
  }
  if (!options.json) printTable(recipes, runs);
}

const child = fileURLToPath(new URL('../test/bench/recipe.mjs', import.meta.url));

/** One run in a process of its own; what it printed, and when it reached which target. */
async function trainOnce({ name, spec }, seed, dataset) {
  const { executor, device, threads } = options;
  const text = JSON.stringify({ ...spec, seed });
  const args = ['--spec', text, '--dataset', dataset, '--executor', executor, '--device', device, '--threads', threads];
  const process_ = spawn(process.execPath, [child, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => process_.once('close', resolve));
  const run = { recipe: name, seed, start: null, epochs: [], end: null };
  for await (const line of createInterface({ input: process_.stdout })) {
    const { start, epoch, end } = JSON.parse(line);
    if (start) run.start = start;
    if (end) run.end = end;
    if (!epoch) continue;
    run.epochs.push(epoch);
    const share = `${epoch.epoch}/${run.start.spec.epochs}`;
    const test = (100 * epoch.testAccuracy).toFixed(2);
    process.stderr.write(`${name}, seed ${seed}: epoch ${share}  test ${test} %  ${epoch.seconds.toFixed(1)} s\n`);
  }
  const code = await ended;
  if (code !== 0 || !run.end) throw new UsageError(`${name}, seed ${seed}: the run ended with ${code}`);
  return { ...run, seconds: run.epochs.at(-1).seconds, secondsTo: secondsTo(run.epochs) };
}

/** Seconds of training at the end of the first epoch that reached each target; null where none did. */
function secondsTo(epochs) {
  const reached = (target) => epochs.find(({ testAccuracy }) => 100 * testAccuracy >= target)?.seconds ?? null;
  return Object.fromEntries(targets.map((target) => [target, reached(target)]));
}

function toCsv(epochs) {
  const names = Object.keys(epochs[0]);
  return `${[names, ...epochs.map((epoch) => names.map((name) => epoch[name]))].join('\n')}\n`;
}

function printTable(recipes, runs) {
  const { start } = runs[0];
  console.log(`${cpus()[0]?.model ?? process.arch}, ${availableParallelism()} processors, ${start.threads} threads`);
  console.log(`Node ${process.version}; ${start.executor} on ${start.device}, ${start.version}`);
  console.log(`${start.dataset} ${start.digest.slice(0, 12)}; seeds ${seeds.join(', ')}`);
  console.log('seconds of training alone (no validation, no test) to an accuracy on the test split; medians\n');
  const rows = recipes.map(({ name }) => ({ name, runs: runs.filter((run) => run.recipe === name) }));
  const seconds = (numbers) => (numbers.length > 0 ? median(numbers).toFixed(1) : '-');
  const to = (target) => (row) => {
    const reached = row.runs.map((run) => run.secondsTo[target]).filter((time) => time !== null);
    return seconds(reached) + (reached.length > 0 && reached.length < row.runs.length ? ` (${reached.length}x)` : '');
  };
  const accuracies = (row) => row.runs.map(({ end }) => (100 * end.testAccuracy).toFixed(2)).join(' ');
  printColumns(rows, [
    ['recipe', (row) => row.name],
    ['epochs', (row) => String(row.runs[0].start.spec.epochs)],
    ...targets.map((target) => [`${target} %`, to(target)]),
    ['all', (row) => seconds(row.runs.map((run) => run.seconds))],
    ['test %', accuracies],
  ]);
}

await tellingMisuse(bench);
