/**
 * Trains one spec in this process, straight through `training` and an executor, without the service, and tests the weights
 * of every epoch on the whole test split. Prints a JSON object a line:
 *
 *   {"start": {executor, device, threads, version, parameters, dataset, digest, spec}}
 *   {"epoch": {epoch, seconds, trainLoss, trainAccuracy, validationLoss, validationAccuracy, testAccuracy, imagesPerSecond, best}}
 *   {"end": {epoch, testLoss, testAccuracy}}     the weights that the recipe ends with, tested as the service does
 *
 * `seconds` is what training has taken so far: neither validation, nor test, nor checkpoints count. Training stands still while
 * a test runs, and reads nothing of it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkSpec } from '../../packages/architectures/dist/index.js';
import { readCheckpoint } from '../../packages/artifacts/dist/index.js';
import { openPacked } from '../../packages/datasets/dist/index.js';
import { planTraining, TrainingSignal, testWeights, train } from '../../packages/training/dist/index.js';

const { values: options } = parseArgs({
  options: {
    /** A spec as JSON; its dataset's name is that of the file. */
    spec: { type: 'string' },
    /** A packed dataset. */
    dataset: { type: 'string' },
    executor: { type: 'string', default: 'native' },
    device: { type: 'string', default: 'cpu' },
    threads: { type: 'string' },
  },
});

const { dataset } = await openPacked(options.dataset);
const spec = checkedSpec(JSON.parse(options.spec));
const plan = await planTraining(spec, dataset, options.dataset);
const executor = await openExecutor();
const signal = new TrainingSignal();
process.once('SIGINT', () => signal.requestCancel());
let seconds = 0;

const stagingFolder = await mkdtemp(join(tmpdir(), 'trainyard-staging-'));
try {
  await train({
    ...{ jobId: 'bench', attempt: 1, spec, dataset, datasetFile: options.dataset, stagingFolder },
    ...{ resumeFrom: null, bestSoFar: null, executor, signal, emit },
  });
} finally {
  await rm(stagingFolder, { recursive: true, force: true });
}

/** Every epoch's weights are needed, and none within an epoch. */
function checkedSpec(input) {
  const named = { ...input, dataset: { ...input.dataset, name: dataset.name } };
  const checkpoint = { ...input.checkpoint, every: 1, everySeconds: null };
  const { spec, faults } = checkSpec({ ...named, checkpoint }, dataset);
  if (spec) return spec;
  throw new Error(faults.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('\n'));
}

async function openExecutor() {
  if (options.executor === 'tfjs')
    return (await import('../../packages/executor-tfjs/dist/index.js')).openTfjsExecutor();
  const { openNativeExecutor } = await import('../../packages/executor-native/dist/index.js');
  const { device, threads } = options;
  return openNativeExecutor({ device, precision: spec.precision, threads: threads && Number(threads) });
}

async function emit(message) {
  if (message.type === 'started') {
    const { name, device, threads, version } = message.executor;
    const { digest } = dataset;
    const { parameters } = message;
    print({ start: { executor: name, device, threads, version, parameters, dataset: dataset.name, digest, spec } });
  }
  if (message.type === 'epoch') await printEpoch(message);
  if (message.type === 'tested') {
    const { epoch, loss, accuracy } = message.results;
    print({ end: { epoch, testLoss: loss, testAccuracy: accuracy } });
  }
  if (message.type === 'failed') throw new Error(`${message.failure.code}: ${message.failure.message}`);
}

async function printEpoch({ metrics, checkpoint }) {
  const { epoch, trainSeconds, trainLoss, trainAccuracy, validationLoss, validationAccuracy, imagesPerSecond, best } =
    metrics;
  seconds += trainSeconds;
  const { weights } = await readCheckpoint(checkpoint.folder);
  await rm(checkpoint.folder, { recursive: true });
  const test = await testWeights({ executor, plan, weights, epoch, signal, onChunk: () => {} });
  const losses = { trainLoss, trainAccuracy, validationLoss, validationAccuracy };
  print({ epoch: { epoch, seconds, ...losses, testAccuracy: test.accuracy, imagesPerSecond, best } });
}

function print(object) {
  console.log(JSON.stringify(object));
}
