/**
 * Times training steps of the presets, or of two other networks, against PyTorch, on the same machine in the same run.
 *
 *   npm run bench -- --model lenet --batch 20 --rounds 3
 *   TRAINYARD_PYTHON=~/venv/bin/python npm run bench -- --compile
 *
 * --model, --batch   one or more, comma-separated; default: lenet, cnn3, vgg6 at 20 and 64; densenet and
 *                    senet are small networks with concatenate and squeezeExcite (networks.ts)
 * --rounds N         how often the sides take turns (5); the table shows medians over the rounds
 * --mode             resident: the peer keeps the set in memory; the faster of its two layouts counts
 *                    article: the peer loads image by image through a DataLoader, as tutorials do (needs Pillow)
 * --compile          also time the peer under torch.compile (which a PyTorch before 2.0 does not have)
 * --no-peer          time the trainer alone
 * --executor         native (default) or tfjs
 * --device           of both sides: cpu (default), cuda:N; torch:cpu: PyTorch's operators under our engine
 * --precision        of both sides: fp32 (default), tf32, bf16
 * --threads N        of all sides; default: all processors
 * --seconds S        how long one timing of the trainer takes, about (0.5); the peer does a third of its steps
 * --profile          also print the time of each op of a step (native only)
 * --json             one JSON object a line instead of the table
 *
 * The peer is the PyTorch that TRAINYARD_PYTHON (default: python3) imports; it runs bench/torch/peer.py. Every timing
 * is a process of its own, one after the other: two processes that spin at barriers would slow each other down.
 * Runs on the output of `npm run build`.
 */
import { parseArgs } from 'node:util';
import { executorNames, precisions } from '../shared/executors.js';
import { processors } from '../shared/machine.js';
import { megabytes, printTable, shown } from '../shared/table.js';
import { numbers, oneOf, positive, runCommand, UsageError } from '../shared/usage.js';
import { type CompareOptions, type Comparison, compare } from './compare.js';
import { findPeer, type Peer, timeTrainer } from './sides.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'lenet,cnn3,vgg6' },
    batch: { type: 'string', default: '20,64' },
    rounds: { type: 'string', default: '5' },
    mode: { type: 'string', default: 'resident' },
    compile: { type: 'boolean', default: false },
    'no-peer': { type: 'boolean', default: false },
    executor: { type: 'string', default: 'native' },
    device: { type: 'string', default: 'cpu' },
    precision: { type: 'string', default: 'fp32' },
    threads: { type: 'string', default: String(processors) },
    seconds: { type: 'string', default: '0.5' },
    profile: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const work = workloads();
  const peer = values['no-peer'] ? null : await requirePeer(work);
  const comparisons: Comparison[] = [];
  for (const options of work) {
    const comparison = await compare(peer, options);
    comparisons.push(comparison);
    if (values.json) console.log(JSON.stringify(comparison));
    else process.stderr.write(`${options.model} ${options.batch}: ratio ${comparison.ratio ?? 'unknown'}\n`);
  }
  if (!values.json) printComparisons(comparisons, peer);
  if (values.profile) for (const options of work) await printProfile(options);
}

/** Every model at every batch size. */
function workloads(): CompareOptions[] {
  const shared = {
    mode: oneOf('mode', values.mode, ['resident', 'article']),
    executor: oneOf('executor', values.executor, executorNames),
    device: values.device,
    precision: oneOf('precision', values.precision, precisions),
    threads: positive('threads', values.threads),
    seconds: positive('seconds', values.seconds),
    rounds: positive('rounds', values.rounds),
    compile: values.compile,
  };
  const batches = numbers('batch', values.batch);
  for (const batch of batches) positive('batch', String(batch));
  return values.model.split(',').flatMap((model) => batches.map((batch) => ({ ...shared, model, batch })));
}

/** The peer, after a warning when it cannot be a fair one. */
async function requirePeer(work: CompareOptions[]): Promise<Peer | null> {
  const peer = await findPeer();
  if (!peer) {
    console.error(
      'NO PEER: python3 imports no PyTorch, so nothing is compared; TRAINYARD_PYTHON names a Python that does',
    );
    return null;
  }
  if (values.compile && !peer.compiles) throw new UsageError(`--compile: PyTorch ${peer.torch} has no torch.compile`);
  const onCpu = work.some(({ device }) => !device.startsWith('cuda'));
  if (peer.blas === 'reference' && onCpu)
    console.error(
      'SLOW PEER: this PyTorch multiplies matrices with the reference BLAS, on one thread; ' +
        '`apt-get install libopenblas0-openmp` installs a fast one',
    );
  return peer;
}

const describePeer = (peer: Peer | null): string =>
  peer ? `peer: PyTorch ${peer.torch} (${peer.python}), BLAS: ${peer.blas}, ${values.mode}` : 'no peer';

function printComparisons(comparisons: Comparison[], peer: Peer | null): void {
  const [first] = comparisons;
  if (!first) return;
  const { machine, versions, threads, rounds, device, precision } = first;
  console.log(`${machine.processor}, ${machine.processors} processors, ${threads} threads a side`);
  console.log(`Node ${versions.node}; ${versions.executor}; ${describePeer(peer)}`);
  console.log(
    `whole training steps on ${device}, ${precision}, SGD; medians of ${rounds} alternating rounds; ` +
      'peak: of the whole process\n',
  );
  const compiled: [string, (row: Comparison) => string][] = [
    ['compiled ms', (row) => shown(row.compiledMsPerStep, 2)],
    ['peak MB', (row) => megabytes(row.compiledPeakBytes)],
    ['ratio', (row) => shown(row.compiledRatio, 2)],
  ];
  printTable(comparisons, [
    ['model', (row) => row.model],
    ['batch', (row) => String(row.batch)],
    ['executor', (row) => row.executor ?? ''],
    ['ms/step', (row) => shown(row.msPerStep, 2)],
    ['images/s', (row) => shown(row.imagesPerSecond, 0)],
    ['peak MB', (row) => megabytes(row.peakBytes)],
    ['peer ms', (row) => shown(row.peerMsPerStep, 2)],
    ['images/s', (row) => shown(row.peerImagesPerSecond, 0)],
    ['peak MB', (row) => megabytes(row.peerPeakBytes)],
    ['ratio', (row) => shown(row.ratio, 2)],
    ...(values.compile ? compiled : []),
  ]);
}

async function printProfile(options: CompareOptions): Promise<void> {
  const { ops, msPerStep } = await timeTrainer({ ...options, profile: true });
  console.log(`\n${options.model}, batch ${options.batch}: ${msPerStep} ms a step while the clock is read between ops`);
  for (const { kind, ms } of ops ?? []) console.log(`${ms.toFixed(3).padStart(10)} ms  ${kind}`);
}

await runCommand(main);
