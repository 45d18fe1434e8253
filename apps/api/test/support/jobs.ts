import { join } from 'node:path';
import { resolveModel } from '@trainyard/architectures';
import { writeCheckpoint } from '@trainyard/artifacts';
import type { EpochMetrics, ExecutorInfo, JobSpec, TestResults } from '@trainyard/contracts';
import type { NamedTensor } from '@trainyard/formats';
import { classes, type Service, submit } from './service.js';

/** What it takes to submit a job and to run it as a worker would. */
type JobServices = Pick<Service, 'agent' | 'db' | 'artifacts' | 'datasets'>;

export const executor: ExecutorInfo = { name: 'tfjs', device: 'cpu', threads: 1, version: 'test' };

export const metricsOf = (epoch: number): EpochMetrics => ({
  epoch,
  trainLoss: 2 / epoch,
  trainAccuracy: epoch / 10,
  validationLoss: 2.1 / epoch,
  validationAccuracy: epoch / 11,
  learningRate: 0.01,
  trainSeconds: 1.5,
  validationSeconds: 0.5,
  imagesPerSecond: 1000,
  stepMilliseconds: 20,
  executor: 'native',
  device: 'cpu',
  best: true,
});

/** Results on 200 images, 20 per class; `correct` must be a multiple of ten. */
export const resultsOf = (correct: number): TestResults => {
  const hits = correct / 10;
  return {
    epoch: 2,
    loss: 1.25,
    accuracy: correct / 200,
    accuracyAugmented: null,
    correct,
    total: 200,
    top5Accuracy: 0.95,
    macroF1: 0.5,
    seconds: 0.2,
    partial: false,
    last: null,
    classes: classes.map((name, i) => ({
      class: name,
      correct: hits,
      total: 20,
      accuracy: hits / 20,
      precision: i === 0 ? null : 0.5,
      recall: hits / 20,
      f1: null,
    })),
    confusion: classes.map((_, i) => classes.map((__, j) => (i === j ? hits : j === (i + 1) % 10 ? 20 - hits : 0))),
  };
};

/** Opens the first attempt of a job as a worker would. */
export async function startJob(service: Pick<Service, 'agent' | 'db'>, changes: object = {}) {
  const jobId = await submit(service, changes);
  const workerId = 'wrk_01jzzzzzzzzzzzzzzzzzzzzzzz';
  const attempt = await service.db.attempts.open({ jobId, attempt: 1, workerId });
  if (!attempt) throw new Error('the attempt did not open');
  await service.db.attempts.started(attempt.token, executor);
  return { jobId, token: attempt.token, spec: attempt.spec };
}

/** Finishes a job of `startJob` after two epochs, without checkpoints. */
export async function finish({ db }: Pick<Service, 'db'>, token: string) {
  for (const epoch of [1, 2]) await db.attempts.epoch(token, metricsOf(epoch), null);
  await db.attempts.succeed(token, resultsOf(120));
}

/** Submits a job and runs it as a worker would: two epochs, each with a checkpoint on the disk, and test results. */
export async function finishedJob(service: JobServices, changes: object = {}, correct = 120) {
  const { jobId, token, spec } = await startJob(service, changes);
  for (const epoch of [1, 2]) {
    const checkpoint = await storeCheckpoint(service, jobId, epoch, spec);
    await service.db.attempts.epoch(token, metricsOf(epoch), checkpoint);
  }
  await service.db.attempts.succeed(token, resultsOf(correct));
  return jobId;
}

async function storeCheckpoint({ artifacts, datasets }: JobServices, jobId: string, epoch: number, spec: JobSpec) {
  const { model } = resolveModel('lenet', [32, 32, 3], 10);
  if (!model) throw new Error('lenet does not fit');
  const weights = model.weights.map(({ name, shape }): NamedTensor => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(epoch);
    return { name, shape, dtype: 'F32', data };
  });
  const dataset = await datasets.shared.find(spec.dataset.name, spec.dataset.version);
  if (!dataset) throw new Error(`there is no dataset ${spec.dataset.name}`);
  const folder = join(await artifacts.newStagingFolder(jobId, 1), `epoch-${epoch}`);
  const { validationLoss, validationAccuracy, trainLoss, trainAccuracy } = metricsOf(epoch);
  const manifest = await writeCheckpoint(folder, {
    manifest: {
      format: 1,
      jobId,
      attempt: 1,
      cursor: { epoch, step: 0, globalStep: epoch * 40 },
      metrics: { trainLoss, trainAccuracy, validationLoss, validationAccuracy },
      best: { epoch, value: validationLoss },
      spec,
      dataset,
      inputShape: [32, 32, 3],
      normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
      codeVersion: '0.1.0',
      createdAt: '2026-01-01T00:00:00.000Z',
    },
    model,
    weights,
    state: [],
  });
  const key = `jobs/${jobId}/1-${epoch}-0`;
  await artifacts.commit(folder, key);
  return { manifest, key };
}

/** A prediction of many images that no process begins. */
export const waitingPrediction = (
  { project, admin }: Pick<Service, 'project' | 'admin'>,
  jobId: string,
  name: string,
) =>
  project.batches.create({
    model: { jobId, epoch: 1, step: 0, architecture: name, weightsSha256: '0'.repeat(64) },
    checkpointKey: `jobs/${jobId}/1-1-0`,
    source: { kind: 'dataset', name: `${name}-set`, version: 3, split: 'test' },
    apiKeyId: admin.id,
  });
