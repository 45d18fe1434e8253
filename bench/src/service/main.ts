/**
 * What the service costs beside the training: an epoch as a job of the whole stack, against the same steps and the same
 * validation in a bare loop; and how late the worker's event loop was meanwhile.
 *
 *   npm run bench:service -- --recipe vgg6 --batch 64 --limit 5000
 *
 * --recipe    a preset, `preset:recipe`, or a JSON file with a spec (vgg6)
 * --batch N, --limit N  instead of the recipe's; `limit`: only so many images to train and validate
 * --epochs N  of each run (3), of which the first does not count
 * --rounds N  how often the sides take turns (3); medians
 * --dataset   a packed dataset, or an archive or folder to import; default: what TRAINYARD_CIFAR10 names
 * --cache     where imported archives are kept for the next time
 * --threads N default: all processors
 * --json      one JSON object instead of the table
 *
 * The stack is that of `trainyard up`, in a temporary home, with a checkpoint an epoch. An epoch of a job lasts from
 * one row of metrics to the next. The part of it outside the seconds of training and validation in the row is printed
 * too: it shows what the service adds even where other programs slow the training down. Runs on the output of `npm run
 * build`.
 */
import { parseArgs } from 'node:util';
import { openPacked } from '@trainyard/datasets';
import { processors } from '../shared/machine.js';
import { defaultCache, packedDataset, readRecipe, withDataset } from '../shared/recipes.js';
import { median } from '../shared/statistics.js';
import { optionalNumber, positive, runCommand, UsageError } from '../shared/usage.js';
import type { EventLoopDelay } from './eventLoop.js';
import { bareEpoch, type JobEpoch, jobEpoch, startWatchedService } from './sides.js';

const { values: options } = parseArgs({
  options: {
    recipe: { type: 'string', default: 'vgg6' },
    batch: { type: 'string' },
    limit: { type: 'string' },
    epochs: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    dataset: { type: 'string' },
    cache: { type: 'string', default: defaultCache },
    threads: { type: 'string', default: String(processors) },
    json: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const epochs = positive('epochs', options.epochs);
  const rounds = positive('rounds', options.rounds);
  const threads = positive('threads', options.threads);
  if (epochs < 2) throw new UsageError(`--epochs ${epochs}: 2 or more`);
  const file = await packedDataset(options.dataset, options.cache);
  const { dataset } = await openPacked(file);
  const changes = {
    batchSize: optionalNumber('batch', options.batch),
    limit: optionalNumber('limit', options.limit),
    epochs,
    seed: 1,
  };
  const { name, spec: recipe } = await readRecipe(options.recipe, changes);
  const spec = withDataset(recipe, dataset.name);

  const service = await startWatchedService(file, dataset, threads);
  const bare: number[] = [];
  const jobs: JobEpoch[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      bare.push(await bareEpoch(spec, file, threads));
      jobs.push(await jobEpoch(service.client, spec, epochs));
    }
  } finally {
    await service.stop();
  }
  const figures = { recipe: name, ...figuresOf(bare, jobs), eventLoop: service.eventLoopDelay() };
  if (options.json) console.log(JSON.stringify(figures));
  else printFigures(figures, rounds);
}

function figuresOf(bare: number[], jobs: JobEpoch[]) {
  const bareSeconds = median(bare);
  const jobSeconds = median(jobs.map(({ seconds }) => seconds));
  const outsideSeconds = median(jobs.map(({ outside }) => outside));
  const overhead = jobSeconds / bareSeconds - 1;
  return { bareSeconds, jobSeconds, overhead, outsideSeconds, outside: outsideSeconds / jobSeconds };
}

type Figures = ReturnType<typeof figuresOf> & { recipe: string; eventLoop: EventLoopDelay };

function printFigures(figures: Figures, rounds: number): void {
  const seconds = (value: number) => `${value.toFixed(3)} s`;
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const { bareSeconds, jobSeconds, overhead, outsideSeconds, outside, eventLoop } = figures;
  const { p50, p99, max, samples } = eventLoop;
  const delays = [p50, p99, max].map((ms) => ms.toFixed(1)).join(', ');
  console.log(`${figures.recipe}, ${options.threads} threads; an epoch, medians of ${rounds} alternating rounds\n`);
  console.log(`bare loop                           ${seconds(bareSeconds)}`);
  console.log(`as a job                            ${seconds(jobSeconds)}  (${percent(overhead)} more)`);
  console.log(`  outside training and validation   ${seconds(outsideSeconds)}  (${percent(outside)} of it)`);
  console.log(`worker's event loop late by (ms)    ${delays} (p50, p99, longest of ${samples})`);
}

await runCommand(main);
