/**
 * Times the training program alone in this process and prints one JSON object (`StepTiming`): the median of `repeats`
 * timings of `steps` steps each (default: as many as `seconds` seconds hold), after a warm-up. Random pixels; SGD at a
 * constant rate without augmentation, as in the PyTorch peer.
 */
import { parseArgs } from 'node:util';
import { resolveModel } from '@trainyard/architectures';
import { augmentationSchema } from '@trainyard/contracts';
import type { NativeLoadedProgram } from '@trainyard/executor-native';
import { buildTrainProgram, initialValues, type SlotData, slotNames } from '@trainyard/program';
import { type ExecutorName, openExecutor } from '../shared/executors.js';
import { peakBytes } from '../shared/processes.js';
import { median } from '../shared/statistics.js';
import { architectureOf } from './networks.js';
import type { StepTiming } from './sides.js';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: 'lenet' },
    batch: { type: 'string', default: '20' },
    steps: { type: 'string' },
    seconds: { type: 'string', default: '0.5' },
    repeats: { type: 'string', default: '5' },
    executor: { type: 'string', default: 'native' },
    device: { type: 'string', default: 'cpu' },
    precision: { type: 'string', default: 'fp32' },
    threads: { type: 'string' },
    profile: { type: 'boolean', default: false },
  },
});
const batch = Number(options.batch);
const repeats = Number(options.repeats);
const images = 10_000;
const bytesPerImage = 32 * 32 * 3;

const program = trainingProgram();
const executor = await openExecutor(options.executor as ExecutorName, {
  device: options.device,
  precision: options.precision as 'fp32',
  threads: options.threads === undefined ? undefined : Number(options.threads),
});
const session = await executor.openSession();
// Only the native executor can profile; with another, `profile` below is missing and the process ends with an error.
const loaded = (await session.load(program)) as NativeLoadedProgram;
await fillSlots();
let stepsDone = 0;

const steps = options.steps ? Number(options.steps) : await stepsFor(Number(options.seconds));
await millisecondsPerStep(Math.ceil(steps / 4));
const timesBefore = options.profile ? await loaded.times() : [];
const timings: number[] = [];
for (let i = 0; i < repeats; i++) timings.push(await millisecondsPerStep(steps));
const timesAfter = options.profile ? await loaded.times() : [];
await session.close();
printTiming();

function trainingProgram() {
  const { model, faults } = resolveModel(architectureOf(options.model), [32, 32, 3], 10);
  if (!model) throw new Error(faults.map((fault) => fault.detail).join('\n'));
  return buildTrainProgram({
    model,
    batchSize: batch,
    images,
    normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    optimizer: { type: 'sgd', momentum: 0, nesterov: false, weightDecay: 0, groups: [] },
    loss: { labelSmoothing: 0 },
    augmentation: augmentationSchema.parse({}),
    ema: false,
    lookahead: null,
    seed: 0,
  });
}

async function fillSlots(): Promise<void> {
  for (const [name, values] of initialValues(program, 0)) await session.write(name, values);
  // Knuth's multiplicative hash: pixels without a pattern, the same in every run.
  const pixels = Uint8Array.from({ length: images * bytesPerImage }, (_, i) => (i * 2654435761) >>> 24);
  await session.write(slotNames.images('train'), pixels);
  const labels = Int32Array.from({ length: images }, (_, i) => i % 10);
  await session.write(slotNames.labels('train'), labels);
}

/** Values of `count` steps for the feed slots that the program has. */
function feeds(count: number): Record<string, SlotData> {
  const names = program.slots.filter(({ role }) => role === 'feed').map(({ name }) => name);
  const rates = names.filter((name) => name.startsWith(slotNames.learningRate));
  const firstStep = stepsDone;
  stepsDone += count;
  const all: Record<string, SlotData> = {
    [slotNames.indices]: Int32Array.from({ length: count * batch }, () => Math.floor(Math.random() * images)),
    [slotNames.step]: Int32Array.from({ length: count }, (_, i) => firstStep + i),
    ...Object.fromEntries(rates.map((name) => [name, new Float32Array(count).fill(1e-3)])),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

async function millisecondsPerStep(count: number): Promise<number> {
  const values = feeds(count);
  const start = performance.now();
  await (options.profile ? loaded.profile(count, values) : loaded.run(count, values));
  return (performance.now() - start) / count;
}

/**
 * How many steps take about this long. The first steps are slow; after them each guess is ten times as long as the
 * last.
 */
async function stepsFor(seconds: number): Promise<number> {
  await millisecondsPerStep(1);
  for (let count = 1; ; count *= 10) {
    const fitting = Math.round((seconds * 1000) / (await millisecondsPerStep(count)));
    if (fitting <= 10 * count) return Math.max(fitting, 1);
  }
}

function printTiming(): void {
  const msPerStep = median(timings);
  const profiledSteps = steps * repeats;
  const ops = timesAfter.map(({ kind, seconds }, i) => {
    const before = timesBefore[i]?.seconds ?? 0;
    return { kind, ms: ((seconds - before) * 1000) / profiledSteps };
  });
  const { name, device, threads, version } = executor.info;
  const timing: StepTiming = {
    executor: name,
    device,
    threads,
    version,
    msPerStep: Number(msPerStep.toFixed(3)),
    imagesPerSecond: Number(((batch * 1000) / msPerStep).toFixed(1)),
    steps,
    peakBytes: peakBytes(),
    ops: options.profile ? ops : null,
  };
  console.log(JSON.stringify(timing));
}
