#!/usr/bin/env node
/**
 * What the service costs beside the training: an epoch as a job of the whole stack, against the same steps and the same
 * validation in a bare loop; and how long the worker's event loop was held up meanwhile.
 *
 *   npm run bench:service -- --recipe vgg6 --batch 64 --limit 5000
 *
 * --recipe    a preset, `preset:recipe`, or a JSON file with a spec (vgg6)
 * --batch N, --limit N  instead of the recipe's; `limit`: only so many images to train and validate
 * --epochs N  of each run (3), of which the first is not counted
 * --rounds N  the sides take turns this often (3); medians
 * --dataset   a packed dataset, or an archive or folder to import; default: what TRAINYARD_CIFAR10 names
 * --cache     where imported archives are kept for the next time
 * --threads N default: all processors
 * --json      one JSON object instead of the table
 *
 * The stack is that of `trainyard up`, in a temporary home, with a checkpoint an epoch. An epoch of a job lasts from one row
 * of metrics to the next. What lies between that and the seconds of training and validation in the row is told apart: it says
 * what the service adds also where neighbours slow the training down. Runs on what `npm run build` made.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { startService } from '../test/bench/api/stack.mjs';
import { defaultCache, packedDataset, readRecipe } from '../test/bench/recipes.mjs';
import { tellingMisuse, UsageError } from '../test/bench/sides.mjs';
import { median } from '../test/bench/table.mjs';

const { values: options } = parseArgs({
  options: {
    recipe: { type: 'string', default: 'vgg6' },
    batch: { type: 'string' },
    limit: { type: 'string' },
    epochs: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    dataset: { type: 'string' },
    cache: { type: 'string', default: defaultCache },
    threads: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'boolean', default: false },
  },
});
const whole = (text) => (text === undefined ? undefined : Number(text));
const [epochs, rounds] = [Number(options.epochs), Number(options.rounds)];

async function bench() {
  if (!(epochs >= 2 && rounds >= 1)) throw new UsageError('--epochs takes 2 or more, --rounds 1 or more');
  const { openPacked } = await import('../packages/datasets/dist/index.js');
  const file = await packedDataset(options.dataset ?? process.env.TRAINYARD_CIFAR10, options.cache);
  const { dataset } = await openPacked(file);
  const changes = { batchSize: whole(options.batch), limit: whole(options.limit), epochs, seed: 1 };
  const { name, spec: given } = await readRecipe(options.recipe, changes);
  const spec = { ...given, dataset: { ...given.dataset, name: dataset.name } };

  const service = await startWatched(file, dataset);
  const [bare, jobs] = [[], []];
  try {
    for (let round = 0; round < rounds; round++) {
      bare.push(await bareEpoch(spec, file));
      jobs.push(await jobEpoch(service.client, spec));
    }
  } finally {
    await service.stop();
  }
  tell(name, bare, jobs, service.delay());
}

/** The stack, whose worker measures its event loop from `begin` on and tells at its end. */
async function startWatched(file, dataset) {
  const { TrainyardClient } = await import('../packages/client/dist/index.js');
  const told = join(tmpdir(), `trainyard-event-loop-${process.pid}.json`);
  process.env.NODE_OPTIONS = `--import="${preload(told)}"`;
  process.env.TRAINYARD_THREADS = options.threads;
  const service = await startService({ worker: true });
  delete process.env.NODE_OPTIONS;
  const folder = join(service.config.folders.datasets, dataset.name);
  mkdirSync(folder, { recursive: true });
  copyFileSync(file, join(folder, `${dataset.version}.packed`));
  const client = new TrainyardClient({ baseUrl: service.url, apiKey: service.apiKey });
  const delay = () => {
    const figures = JSON.parse(readFileSync(told, 'utf8'));
    rmSync(told);
    return figures;
  };
  return { client, stop: service.stop, delay };
}

/** For worker processes alone: samples the event loop every 10 ms, and writes at the end. */
const preload = (told) =>
  `data:text/javascript,${encodeURIComponent(`
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
if (process.argv[1]?.endsWith('worker/dist/main.js')) {
  const resolution = 10;
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  // Loading its modules holds a process up for a moment, and no job waits for that: begins when the worker says that it is ready.
  const send = process.send?.bind(process);
  process.send = (...words) => { delay.reset(); return send(...words); };
  const milliseconds = (nanoseconds) => Math.max(nanoseconds / 1e6 - resolution, 0);
  process.on('exit', () => {
    const [p50, p99] = [50, 99].map((share) => milliseconds(delay.percentile(share)));
    const figures = { p50, p99, max: milliseconds(delay.max), samples: delay.count };
    writeFileSync(${JSON.stringify(told)}, JSON.stringify(figures));
  });
}`)}`;

const bareScript = fileURLToPath(new URL('../test/bench/bare.mjs', import.meta.url));

/** Seconds of an epoch, the mean over all but the first. */
async function bareEpoch(spec, file) {
  const args = ['--spec', JSON.stringify(spec), '--dataset', file, '--threads', options.threads];
  const env = { ...process.env, OMP_NUM_THREADS: options.threads };
  // Not the synchronous kind: the client has to notice when the service closes a connection that was idle meanwhile.
  const { stdout } = await promisify(execFile)(process.execPath, [bareScript, ...args], { env });
  return mean(JSON.parse(stdout).epochSeconds.slice(1));
}

const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

/** Seconds of an epoch from the first row of metrics to the last, and of these outside training and validation. */
async function jobEpoch(client, spec) {
  const { id } = await client.submit(spec);
  while (!(await client.job(id)).terminal) await sleep(500);
  const told = [];
  for await (const event of client.eventsSoFar(id)) if (event.type === 'epoch') told.push(event);
  if (told.length !== epochs)
    throw new UsageError(`${id} ended early: ${JSON.stringify((await client.job(id)).failure)}`);
  const seconds = (Date.parse(told.at(-1).at) - Date.parse(told[0].at)) / 1000 / (epochs - 1);
  const computing = mean(told.slice(1).map(({ data }) => data.trainSeconds + data.validationSeconds));
  return { seconds, outside: seconds - computing };
}

function tell(recipe, bare, jobs, eventLoop) {
  const [bareSeconds, jobSeconds] = [median(bare), median(jobs.map(({ seconds }) => seconds))];
  const outsideSeconds = median(jobs.map(({ outside }) => outside));
  const overhead = jobSeconds / bareSeconds - 1;
  const outside = outsideSeconds / jobSeconds;
  if (options.json)
    return console.log(
      JSON.stringify({ recipe, bareSeconds, jobSeconds, overhead, outsideSeconds, outside, eventLoop }),
    );
  const seconds = (value) => `${value.toFixed(3)} s`;
  const percent = (share) => `${(100 * share).toFixed(2)} %`;
  console.log(`${recipe}, ${options.threads} threads; an epoch, medians of ${rounds} alternating rounds\n`);
  console.log(`bare loop                           ${seconds(bareSeconds)}`);
  console.log(`as a job                            ${seconds(jobSeconds)}  (${percent(overhead)} more)`);
  console.log(`  outside training and validation   ${seconds(outsideSeconds)}  (${percent(outside)} of it)`);
  const { p50, p99, max, samples } = eventLoop;
  const figures = [p50, p99, max].map((ms) => ms.toFixed(1)).join(', ');
  console.log(`worker's event loop late by (ms)    ${figures} (p50, p99, longest of ${samples})`);
}

await tellingMisuse(bench);
