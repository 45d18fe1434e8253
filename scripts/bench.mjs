#!/usr/bin/env node
/**
 * Times training steps of the presets against a PyTorch peer on the same machine in the same run.
 *
 *   npm run bench -- --model lenet --batch 20 --rounds 3
 *
 * --model, --batch   one or more, comma-separated; default: lenet, cnn3, vgg6 at 20 and 64
 * --rounds N         the sides take turns this often (5); medians over the rounds
 * --mode             resident: the peer holds the set in memory; the better of its two layouts counts, eager, and compiled
 *                    where its PyTorch has torch.compile
 *                    article: the peer loads image by image through a DataLoader, as tutorials do
 * --executor         native (default) or tfjs
 * --device           of both sides: cpu (default), cuda:N; torch:cpu: PyTorch's operators under our engine
 * --precision        of both sides: fp32 (default), tf32, bf16
 * --threads N        of all sides; default: all processors
 * --seconds S        how long one timing of ours takes about (0.5); the peer does a third of the steps
 * --profile          also print where a step's time goes, op by op (native only)
 * --json             one JSON object a line instead of the table
 *
 * The peer is the script that TRAINYARD_TORCH_PEER names; test/bench/sides.mjs says what it takes and gives. Every timing
 * has a process of its own, one after the other: two that spin at barriers would slow each other down. Runs on what
 * `npm run build` made.
 */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { findPeer, tellingMisuse, timePeer, timeTrainer, UsageError } from '../test/bench/sides.mjs';
import { median, printColumns } from '../test/bench/table.mjs';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: 'lenet,cnn3,vgg6' },
    batch: { type: 'string', default: '20,64' },
    rounds: { type: 'string', default: '5' },
    mode: { type: 'string', default: 'resident' },
    executor: { type: 'string', default: 'native' },
    device: { type: 'string', default: 'cpu' },
    precision: { type: 'string', default: 'fp32' },
    threads: { type: 'string', default: String(availableParallelism()) },
    seconds: { type: 'string', default: '0.5' },
    profile: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const models = options.model.split(',');
const batches = options.batch.split(',').map(Number);
const [rounds, seconds] = [Number(options.rounds), Number(options.seconds)];
const { executor, device, precision, threads, mode } = options;

const slowBlas =
  'SLOW PEER: this PyTorch multiplies matrices by the reference BLAS, on one thread; `apt-get install libopenblas0-openmp` gives it a fast one';

function bench() {
  if (!['resident', 'article'].includes(mode)) throw new UsageError(`--mode ${mode}: resident or article`);
  if (![rounds, seconds, ...batches].every((number) => number > 0))
    throw new UsageError('--rounds, --seconds and --batch take positive numbers');
  const peer = findPeer();
  if (!peer) console.error('NO PEER: TRAINYARD_TORCH_PEER names no script, so nothing is compared with PyTorch');
  if (peer?.blas === 'reference' && !device.startsWith('cuda')) console.error(slowBlas);
  const results = [];
  for (const model of models) {
    for (const batch of batches) {
      const result = compare(peer, model, batch);
      results.push(result);
      if (options.json) console.log(JSON.stringify(result));
      else process.stderr.write(`${model} ${batch}: ratio ${result.ratio ?? 'unknown'}\n`);
    }
  }
  if (!options.json) printTable(results, peer);
  if (options.profile) for (const model of models) for (const batch of batches) printProfile(model, batch);
}

/** What the trainer is compared with: each variant of the peer, and which of them compete for one column. */
function variantsOf(peer) {
  if (!peer) return [];
  if (mode === 'article') return [{ column: 'eager', mode, channelsLast: false }];
  const layouts = [false, true];
  return [
    ...layouts.map((channelsLast) => ({ column: 'eager', mode, channelsLast })),
    ...(peer.compiles ? layouts.map((channelsLast) => ({ column: 'compiled', mode: 'compiled', channelsLast })) : []),
  ];
}

/** Each side once a round: they take turns, so that all see the same weather. */
function compare(peer, model, batch) {
  const mine = [];
  const variants = variantsOf(peer).map((variant) => ({ ...variant, timings: [] }));
  for (let round = 0; round < rounds; round++) {
    mine.push(timeTrainer({ model, batch, executor, device, precision, threads, seconds }));
    const steps = Math.max(1, Math.round(mine[0].steps / (mode === 'article' ? 12 : 3)));
    for (const { timings, ...variant } of variants)
      timings.push(timePeer(peer, { model, batch, device, precision, threads, steps, ...variant }));
  }
  const own = medians(mine, batch);
  const eager = best(
    variants.filter(({ column }) => column === 'eager'),
    batch,
  );
  const compiled = best(
    variants.filter(({ column }) => column === 'compiled'),
    batch,
  );
  return {
    ...{ model, batch, mode, executor: mine[0].executor, device, precision, threads: mine[0].threads },
    ...own,
    ...prefixed('peer', eager),
    ratio: ratio(own, eager),
    ...prefixed('compiled', compiled),
    compiledRatio: ratio(own, compiled),
    rounds,
    machine: { processor: cpus()[0]?.model ?? process.arch, processors: availableParallelism() },
    versions: {
      node: process.version,
      executor: mine[0].version,
      torch: peer?.torch ?? null,
      blas: peer?.blas ?? null,
    },
  };
}

const rounded = (number, digits) => Number(number.toFixed(digits));

function medians(timings, batch) {
  const msPerStep = median(timings.map((timing) => timing.msPerStep));
  return {
    msPerStep: rounded(msPerStep, 3),
    imagesPerSecond: rounded((batch * 1000) / msPerStep, 1),
    peakBytes: Math.round(median(timings.map(({ peakBytes }) => peakBytes))),
  };
}

/** Medians of the fastest variant; null where there is none. */
function best(variants, batch) {
  const all = variants.map(({ timings }) => medians(timings, batch));
  return all.toSorted((a, b) => b.imagesPerSecond - a.imagesPerSecond)[0] ?? null;
}

const ratio = (own, other) => other && rounded(own.imagesPerSecond / other.imagesPerSecond, 3);

const prefixed = (prefix, figures) => ({
  [`${prefix}MsPerStep`]: figures?.msPerStep ?? null,
  [`${prefix}ImagesPerSecond`]: figures?.imagesPerSecond ?? null,
  [`${prefix}PeakBytes`]: figures?.peakBytes ?? null,
});

const peerIn = (peer) => (peer ? `peer: PyTorch ${peer.torch}, BLAS: ${peer.blas}, ${mode}` : 'no peer');

function printTable(results, peer) {
  const { machine, versions, threads } = results[0];
  console.log(`${machine.processor}, ${machine.processors} processors, ${threads} threads a side`);
  console.log(`Node ${versions.node}; ${versions.executor}; ${peerIn(peer)}`);
  console.log(
    `whole training steps on ${device}, ${precision}, SGD; medians of ${rounds} alternating rounds; peak: of the whole process\n`,
  );
  const megabytes = (bytes) => (bytes ? String(Math.round(bytes / 1e6)) : '-');
  const shown = (number, digits) => number?.toFixed(digits) ?? '-';
  const columns = [
    ['model', (r) => r.model],
    ['batch', (r) => String(r.batch)],
    ['executor', (r) => r.executor],
    ['ms/step', (r) => shown(r.msPerStep, 2)],
    ['images/s', (r) => shown(r.imagesPerSecond, 0)],
    ['peak MB', (r) => megabytes(r.peakBytes)],
    ['peer ms', (r) => shown(r.peerMsPerStep, 2)],
    ['images/s', (r) => shown(r.peerImagesPerSecond, 0)],
    ['peak MB', (r) => megabytes(r.peerPeakBytes)],
    ['ratio', (r) => shown(r.ratio, 2)],
    ...(peer?.compiles ? [['compiled', (r) => shown(r.compiledRatio, 2)]] : []),
  ];
  printColumns(results, columns);
}

function printProfile(model, batch) {
  const { ops, msPerStep } = timeTrainer({
    model,
    batch,
    executor,
    device,
    precision,
    threads,
    seconds,
    profile: true,
  });
  console.log(`\n${model}, batch ${batch}: ${msPerStep} ms a step with the clock read between ops`);
  for (const { kind, ms } of ops) console.log(`${ms.toFixed(3).padStart(10)} ms  ${kind}`);
}

await tellingMisuse(bench);
