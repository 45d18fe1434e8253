#!/usr/bin/env node
/**
 * Trains one spec straight through `training` and an executor, without the service, and prints the article's lines: what a
 * recipe reaches on a dataset, and in what time. Runs the built packages.
 *
 *   node test/accuracy/run.mjs --dataset FILE --architecture lenet --lr 0.01 --batch 20 --epochs 30 --seed 0
 *
 * FILE is a packed dataset, or an archive or folder that an importer reads; where absent, TRAINYARD_CIFAR10. With --spec, a
 * JSON file gives the whole spec and the other options change it. --json prints one object a line instead.
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkSpec } from '@trainyard/architectures';
import { DatasetStore, openPacked } from '@trainyard/datasets';
import { TrainingSignal, train } from '@trainyard/training';

const { values: options } = parseArgs({
  options: {
    dataset: { type: 'string' },
    spec: { type: 'string' },
    architecture: { type: 'string' },
    lr: { type: 'string' },
    batch: { type: 'string' },
    epochs: { type: 'string' },
    seed: { type: 'string' },
    momentum: { type: 'string' },
    limit: { type: 'string' },
    executor: { type: 'string', default: 'native' },
    threads: { type: 'string' },
    /** Where imported archives are kept for the next run. */
    cache: { type: 'string', default: join(tmpdir(), 'trainyard-accuracy') },
    json: { type: 'boolean', default: false },
  },
});

const { dataset, file } = await openDataset(options.dataset ?? process.env.TRAINYARD_CIFAR10);
const spec = checkedSpec(await specInput(), dataset);
const stagingFolder = await mkdtemp(join(tmpdir(), 'trainyard-staging-'));
const signal = new TrainingSignal();
process.once('SIGINT', () => signal.requestCancel());
let lowest = Number.POSITIVE_INFINITY;
let trainSeconds = 0;

try {
  await train({
    jobId: 'accuracy',
    attempt: 1,
    spec,
    dataset,
    datasetFile: file,
    resumeFrom: null,
    bestSoFar: null,
    stagingFolder,
    executor: await openExecutor(),
    signal,
    emit,
  });
} finally {
  await rm(stagingFolder, { recursive: true, force: true });
}

/** @returns {Promise<{dataset: import('@trainyard/contracts').Dataset, file: string}>} */
async function openDataset(path) {
  if (!path) throw new Error('name a dataset with --dataset or TRAINYARD_CIFAR10');
  const packed = await openPacked(path).catch(() => null);
  if (packed) return { dataset: packed.dataset, file: path };
  await mkdir(options.cache, { recursive: true });
  const store = new DatasetStore(options.cache);
  console.error(`importing ${path} into ${options.cache} …`);
  const imported = await store.import({ kind: 'archive', path });
  return { dataset: imported, file: store.file(imported) };
}

async function specInput() {
  const number = (name) => (options[name] === undefined ? undefined : Number(options[name]));
  const changes = {
    architecture: options.architecture,
    learningRate: number('lr'),
    batchSize: number('batch'),
    epochs: number('epochs'),
    seed: number('seed'),
    optimizer: options.momentum && { type: 'sgd', momentum: number('momentum') },
    dataset: { name: dataset.name, limit: number('limit') ?? null },
  };
  const base = options.spec ? JSON.parse(await readFile(options.spec, 'utf8')) : { architecture: 'lenet', seed: 0 };
  return { ...base, ...Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) };
}

function checkedSpec(input, dataset) {
  const { spec, faults } = checkSpec(input, dataset);
  if (spec) return spec;
  throw new Error(faults.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('\n'));
}

async function openExecutor() {
  const threads = options.threads === undefined ? undefined : Number(options.threads);
  if (options.executor === 'tfjs') return (await import('@trainyard/executor-tfjs')).openTfjsExecutor();
  return (await import('@trainyard/executor-native')).openNativeExecutor(threads === undefined ? {} : { threads });
}

async function emit(message) {
  if (options.json) console.log(JSON.stringify(message));
  else print(message);
  // Only the figures are wanted.
  if (message.type === 'epoch' && message.checkpoint) await rm(message.checkpoint.folder, { recursive: true });
  if (message.type === 'failed') process.exitCode = 1;
}

function print(message) {
  if (message.type === 'started') printStart(message);
  if (message.type === 'epoch') printEpoch(message.metrics);
  if (message.type === 'tested') printTest(message.results);
  if (message.type === 'warning') console.log(`Warning: ${message.message}`);
  if (message.type === 'failed') console.error(`Failed (${message.failure.code}): ${message.failure.message}`);
  if (message.type === 'cancelled') console.log('Cancelled.');
}

function printStart({ executor, parameters }) {
  const threads = executor.threads === null ? '' : `, ${executor.threads} threads`;
  console.log(`${spec.architecture} (${parameters} parameters) on ${dataset.name} ${dataset.digest.slice(0, 12)}`);
  console.log(`${executor.name} on ${executor.device}${threads} (${executor.version}), seed ${spec.seed}`);
}

function printEpoch(metrics) {
  const { epoch, trainLoss, validationLoss, validationAccuracy, validationSeconds, imagesPerSecond } = metrics;
  trainSeconds += metrics.trainSeconds + validationSeconds;
  const losses = `Training Loss: ${trainLoss.toFixed(6)}  Validation Loss: ${validationLoss.toFixed(6)}`;
  const pace = `${imagesPerSecond.toFixed(0)} images/s, ${(metrics.trainSeconds + validationSeconds).toFixed(1)} s`;
  console.log(`Epoch: ${epoch}  ${losses}  Validation Accuracy: ${(100 * validationAccuracy).toFixed(2)} %  (${pace})`);
  if (validationLoss >= lowest) return;
  console.log(`Validation loss decreased (${lowest.toFixed(6)} --> ${validationLoss.toFixed(6)})`);
  lowest = validationLoss;
}

function printTest({ epoch, loss, accuracy, correct, total, classes }) {
  console.log(`Test Loss: ${loss.toFixed(6)} (weights of epoch ${epoch})`);
  for (const result of classes) {
    const percent = result.accuracy === null ? 'N/A' : `${Math.round(100 * result.accuracy)} %`;
    console.log(`Test Accuracy of ${result.class}: ${percent} (${result.correct}/${result.total})`);
  }
  console.log(`Test Accuracy (Overall): ${(100 * accuracy).toFixed(2)} % (${correct}/${total})`);
  console.log(`Trained in ${trainSeconds.toFixed(1)} s`);
}
