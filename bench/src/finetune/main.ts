/**
 * Trains a network on some classes of CIFAR-10, and then on a few images of the others: from scratch, from the weights
 * of the first training, and with all but the head frozen. Prints the accuracy on all test images of the new classes.
 *
 *   heavy npm run bench:finetune -- --seeds 1,2,3
 *
 * --architecture   a preset (cnn3)
 * --classes        the new classes (cat,dog); the source trains on all others
 * --images N       training images of each new class (200); a tenth of them validates
 * --source-epochs  of the recipe `tuned` on the other classes (10)
 * --seeds          one run of each kind for every seed (1,2,3), with a source of its own
 * --dataset        a packed dataset, or an archive or folder to import; default: what TRAINYARD_CIFAR10 names
 * --cache          where imported archives are kept for the next time
 * --threads N      default: all processors
 *
 * All runs on the new classes have the recipe `small`, the same images and the same seed. Runs on the output of
 * `npm run build`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { JobSpecInput } from '@trainyard/contracts';
import { processorModel, processors } from '../shared/machine.js';
import { defaultCache, packedDataset } from '../shared/recipes.js';
import { mean } from '../shared/statistics.js';
import { printTable } from '../shared/table.js';
import { numbers, positive, runCommand } from '../shared/usage.js';
import { type Figures, type Run, trainOnce } from './run.js';
import { subset } from './subset.js';

const { values: options } = parseArgs({
  options: {
    architecture: { type: 'string', default: 'cnn3' },
    classes: { type: 'string', default: 'cat,dog' },
    images: { type: 'string', default: '200' },
    'source-epochs': { type: 'string', default: '10' },
    seeds: { type: 'string', default: '1,2,3' },
    dataset: { type: 'string' },
    cache: { type: 'string', default: defaultCache },
    threads: { type: 'string', default: String(processors) },
  },
});

/** How the runs on the new classes differ; `{head}` is the name of the last layer with weights. */
const kinds: { name: string; source: boolean; changes: (head: string) => Partial<JobSpecInput> }[] = [
  { name: 'from scratch', source: false, changes: () => ({}) },
  { name: 'fine-tuned', source: true, changes: () => ({}) },
  {
    name: 'fine-tuned, a tenth of the rate below the head',
    source: true,
    changes: (head) => ({
      optimizer: {
        ...{ type: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
        groups: [{ match: head }, { match: '*', learningRateFactor: 0.1 }],
      },
    }),
  },
  { name: 'all but the head frozen', source: true, changes: (head) => ({ freeze: ['*', `!${head}`] }) },
];

interface Row {
  name: string;
  figures: Figures[];
}

async function main(): Promise<void> {
  const fresh = options.classes.split(',');
  const file = await packedDataset(options.dataset, options.cache);
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-finetune-'));
  try {
    const others = await subset(file, join(folder, 'source.packed'), {
      without: fresh,
      images: Number.MAX_SAFE_INTEGER,
    });
    const small = await subset(file, join(folder, 'small.packed'), {
      only: fresh,
      images: positive('images', options.images),
    });
    const rows: Row[] = [{ name: 'source, on its own classes', figures: [] }];
    rows.push(...kinds.map(({ name }): Row => ({ name, figures: [] })));
    for (const seed of numbers('seeds', options.seeds)) await trainAll(rows, { seed, others, small, folder });
    print(rows, fresh);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function trainAll(
  rows: Row[],
  { seed, others, small, folder }: { seed: number; others: string; small: string; folder: string },
): Promise<void> {
  const { architecture } = options;
  const place = { folder, threads: positive('threads', options.threads) };
  const epochs = positive('source-epochs', options['source-epochs']);
  const source = await trainOnce({ architecture, recipe: 'tuned', epochs, seed }, { ...place, datasetFile: others });
  rows[0]?.figures.push(source.figures);
  for (const [i, { name, source: tuned, changes }] of kinds.entries()) {
    const spec: JobSpecInput = { architecture, recipe: 'small', seed, ...changes(source.head) };
    const run: Run = await trainOnce(spec, { ...place, datasetFile: small, ...(tuned && { source }) });
    rows[i + 1]?.figures.push(run.figures);
    console.error(`seed ${seed}: ${name} ${percent(run.figures.accuracy)} %`);
  }
}

const percent = (share: number): string => (100 * share).toFixed(1);

function print(rows: Row[], fresh: string[]): void {
  console.log(`${processorModel}, ${processors} processors; Node ${process.version}`);
  console.log(`${options.architecture}; ${options.images} images of each of ${fresh.join(', ')}; recipe small`);
  console.log(`seeds ${options.seeds}; test accuracy in percent\n`);
  printTable(rows, [
    ['run', ({ name }) => name],
    ['epochs', ({ figures }) => String(figures[0]?.epochs)],
    ['accuracy', ({ figures }) => figures.map(({ accuracy }) => percent(accuracy)).join(' ')],
    ['mean', ({ figures }) => percent(mean(figures.map(({ accuracy }) => accuracy)))],
    ['seconds', ({ figures }) => mean(figures.map(({ seconds }) => seconds)).toFixed(1)],
    ['unchanged weights', ({ figures }) => figures.map(({ unchanged }) => unchanged ?? '-').join(' ')],
  ]);
}

await runCommand(main);
