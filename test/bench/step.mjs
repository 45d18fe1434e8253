/**
 * Times the trainer's train program alone in this process and prints one JSON object: the median of `repeats` timings of
 * `steps` steps each (as many as `seconds` seconds hold, where absent), after a warm-up, and the process's peak of resident
 * memory. Random pixels; SGD at a constant rate, no augmentation, as the peer does.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { resolveModel } from '../../packages/architectures/dist/index.js';
import { buildTrainProgram, initialValues, slotNames } from '../../packages/program/dist/index.js';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    batch: { type: 'string' },
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
const [batch, seconds, repeats] = [options.batch, options.seconds, options.repeats].map(Number);
const images = 10_000;

const { model, faults } = resolveModel(options.model, [32, 32, 3], 10);
if (!model) throw new Error(faults.map((fault) => fault.detail).join('\n'));
const program = buildTrainProgram({
  model,
  batchSize: batch,
  images,
  normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  optimizer: { type: 'sgd', momentum: 0, nesterov: false, weightDecay: 0, groups: [] },
  loss: { labelSmoothing: 0 },
  augmentation: { flip: false, translate: 0, border: 'zero', cutout: 0 },
  ema: null,
  lookahead: null,
  seed: 0,
});

async function openExecutor() {
  if (options.executor === 'tfjs')
    return (await import('../../packages/executor-tfjs/dist/index.js')).openTfjsExecutor();
  const { openNativeExecutor } = await import('../../packages/executor-native/dist/index.js');
  const { device, precision, threads } = options;
  return openNativeExecutor({ device, precision, threads: threads && Number(threads) });
}

const executor = await openExecutor();
const session = await executor.openSession();
const loaded = await session.load(program);
for (const [name, values] of initialValues(program, 0)) await session.write(name, values);
await session.write(
  slotNames.images('train'),
  Uint8Array.from({ length: images * 3072 }, (_, i) => (i * 2654435761) >>> 24),
);
await session.write(
  slotNames.labels('train'),
  Int32Array.from({ length: images }, (_, i) => i % 10),
);

let done = 0;
function feeds(count) {
  const rates = program.slots.filter(({ role, name }) => role === 'feed' && name.startsWith(slotNames.learningRate));
  const fed = new Set(program.slots.filter((slot) => slot.role === 'feed').map((slot) => slot.name));
  const all = {
    [slotNames.indices]: Int32Array.from({ length: count * batch }, () => Math.floor(Math.random() * images)),
    [slotNames.step]: Int32Array.from({ length: count }, () => done++),
    ...Object.fromEntries(rates.map(({ name }) => [name, new Float32Array(count).fill(1e-3)])),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => fed.has(name)));
}

/** Milliseconds a step. */
async function timed(count) {
  const values = feeds(count);
  const start = performance.now();
  await (options.profile ? loaded.profile(count, values) : loaded.run(count, values));
  return (performance.now() - start) / count;
}

const steps = options.steps ? Number(options.steps) : await stepsFor(seconds);
await timed(Math.ceil(steps / 4));
const before = options.profile ? await loaded.times() : [];
const milliseconds = [];
for (let i = 0; i < repeats; i++) milliseconds.push(await timed(steps));
const msPerStep = milliseconds.toSorted((a, b) => a - b)[Math.floor(repeats / 2)];
const ops = options.profile
  ? (await loaded.times()).map(({ kind, seconds }, i) => ({
      kind,
      ms: ((seconds - before[i].seconds) * 1000) / (steps * repeats),
    }))
  : undefined;
await session.close();

/** The first steps are slow; from then on each guess is ten times as long as the last. */
async function stepsFor(wanted) {
  await timed(1);
  for (let count = 1; ; count *= 10) {
    const fitting = Math.round((wanted * 1000) / (await timed(count)));
    if (fitting <= 10 * count) return Math.max(fitting, 1);
  }
}

/** Bytes. */
function peakMemory() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
}

const { name, device, threads, version } = executor.info;
console.log(
  JSON.stringify({
    executor: name,
    device,
    threads,
    version,
    msPerStep: Number(msPerStep.toFixed(3)),
    imagesPerSecond: Number(((batch * 1000) / msPerStep).toFixed(1)),
    steps,
    peakBytes: peakMemory(),
    ...(ops ? { ops } : {}),
  }),
);
