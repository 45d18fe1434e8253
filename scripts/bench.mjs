#!/usr/bin/env node
/**
 * Times training steps of the presets against a PyTorch peer on the same machine in the same run.
 *
 *   npm run bench -- --model lenet --batch 20 --rounds 3 --mode resident
 *
 * --model, --batch   one or more, comma-separated; default: lenet, cnn3, vgg6 at 20 and 64
 * --rounds N         the two sides take turns this often (5); medians over the rounds
 * --mode             resident: the peer holds the set in memory; the better of its two layouts counts
 *                    article: the peer loads image by image through a DataLoader, as tutorials do
 * --executor         native (default) or tfjs
 * --threads N        of both sides; default: all processors
 * --profile          also print where a step's time goes, op by op (native only)
 * --json             one JSON object a line instead of the table
 *
 * The peer is the script that TRAINYARD_TORCH_PEER names, run by TRAINYARD_PYTHON (/usr/bin/python3); it takes --model,
 * --batch, --mode, --channels-last, --threads, --steps and --repeats and prints JSON with images_per_second. Every timing
 * has a process of its own, one after the other: two that spin at barriers would slow each other down. Runs on what
 * `npm run build` made.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: 'lenet,cnn3,vgg6' },
    batch: { type: 'string', default: '20,64' },
    rounds: { type: 'string', default: '5' },
    mode: { type: 'string', default: 'resident' },
    executor: { type: 'string', default: 'native' },
    threads: { type: 'string', default: String(availableParallelism()) },
    profile: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const models = options.model.split(',');
const batches = options.batch.split(',').map(Number);
const rounds = Number(options.rounds);
if (!['resident', 'article'].includes(options.mode)) fail(`--mode ${options.mode}: resident or article`);
if (!(rounds >= 1) || batches.some((batch) => !(batch >= 1))) fail('--rounds and --batch take positive numbers');

const peer = process.env.TRAINYARD_TORCH_PEER;
const python = process.env.TRAINYARD_PYTHON ?? '/usr/bin/python3';
if (!peer) console.error('NO PEER: TRAINYARD_TORCH_PEER names no script, so nothing is compared with PyTorch');
else if (!existsSync(peer)) fail(`TRAINYARD_TORCH_PEER: there is no ${peer}`);

const stepScript = fileURLToPath(new URL('../test/bench/step.mjs', import.meta.url));
/** Images that make about half a second of work, relative to lenet. */
const workPerImage = { lenet: 1, cnn3: 4, vgg6: 60 };

function fail(message) {
  console.error(message);
  process.exit(2);
}

/** Runs a child and returns the last line that it printed, parsed. */
function timing(command, args) {
  const child = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (child.status !== 0) fail(`${command} ${args.join(' ')}\n${child.error ?? child.stderr}`);
  return JSON.parse(child.stdout.trim().split('\n').at(-1));
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

function stepsFor(model, batch) {
  return Math.max(3, Math.round(4000 / (batch * (workPerImage[model] ?? 60))));
}

function ours(model, batch, profile = false) {
  const args = ['--model', model, '--batch', batch, '--steps', stepsFor(model, batch), '--executor', options.executor];
  return timing(
    process.execPath,
    [stepScript, ...args, '--threads', options.threads, ...(profile ? ['--profile'] : [])].map(String),
  );
}

function theirs(model, batch, channelsLast) {
  const steps = options.mode === 'article' ? Math.ceil(stepsFor(model, batch) / 4) : stepsFor(model, batch);
  const args = [peer, '--model', model, '--batch', batch, '--mode', options.mode, '--steps', steps, '--repeats', 3];
  return timing(
    python,
    [...args, '--threads', options.threads, ...(channelsLast ? ['--channels-last'] : [])].map(String),
  );
}

/** Each side once a round; within a round they take turns so that both see the same weather. */
function compare(model, batch) {
  const layouts = options.mode === 'resident' ? [false, true] : [false];
  const mine = [];
  const peers = layouts.map(() => []);
  let executor = null;
  let torch = null;
  for (let round = 0; round < rounds; round++) {
    executor = ours(model, batch);
    mine.push(executor.imagesPerSecond);
    if (!peer) continue;
    layouts.forEach((channelsLast, i) => {
      torch = theirs(model, batch, channelsLast);
      peers[i].push(torch.images_per_second);
    });
  }
  const imagesPerSecond = median(mine);
  const peerImagesPerSecond = peer ? Math.max(...peers.map(median)) : null;
  return {
    model,
    batch,
    mode: options.mode,
    executor: executor.executor,
    threads: executor.threads,
    imagesPerSecond,
    peerImagesPerSecond,
    ratio: peerImagesPerSecond ? Number((imagesPerSecond / peerImagesPerSecond).toFixed(3)) : null,
    rounds,
    versions: { executor: executor.version, torch: torch?.torch ?? null },
  };
}

function printProfile(model, batch) {
  const { ops, msPerStep } = ours(model, batch, true);
  console.log(`\n${model}, batch ${batch}: ${msPerStep} ms a step with the clock read between ops`);
  for (const { kind, ms } of ops) console.log(`${ms.toFixed(3).padStart(10)} ms  ${kind}`);
}

const results = [];
for (const model of models) {
  for (const batch of batches) {
    const result = compare(model, batch);
    results.push(result);
    if (options.json) console.log(JSON.stringify(result));
    else process.stderr.write(`${model} ${batch}: ratio ${result.ratio ?? 'unknown'}\n`);
  }
}

if (!options.json) {
  const { versions, threads, executor } = results[0];
  console.log(`${cpus()[0]?.model ?? process.arch}, ${availableParallelism()} processors, ${threads} threads a side`);
  console.log(
    `Node ${process.version}; ${executor}: ${versions.executor}; peer: PyTorch ${versions.torch ?? '(skipped)'}, ${options.mode}`,
  );
  console.log(`fp32, SGD; medians of ${rounds} alternating rounds\n`);
  const row = (...cells) =>
    console.log(cells.map((cell, i) => (i ? String(cell).padStart(15) : cell.padEnd(8))).join(''));
  row('model', 'batch', 'images/s', 'peer images/s', 'ratio');
  for (const { model, batch, imagesPerSecond, peerImagesPerSecond, ratio } of results)
    row(model, batch, imagesPerSecond.toFixed(1), peerImagesPerSecond?.toFixed(1) ?? '-', ratio?.toFixed(2) ?? '-');
}
if (options.profile) for (const model of models) for (const batch of batches) printProfile(model, batch);
