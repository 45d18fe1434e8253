import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DiskArtifactStore } from '@trainyard/artifacts';
import { type DatasetStore, DatasetStores, writePacked } from '@trainyard/datasets';
import { openDatabase } from '@trainyard/db';
import { openQueue } from '@trainyard/queue';
import { createTestDatabase } from '@trainyard/test-kit';
import { pino } from 'pino';
import supertest from 'supertest';
import { BatchFiles } from '#services/batches/batchFiles.js';
import { DatasetQuota } from '#services/datasetQuota.js';
import { Predictions, type PredictLimits } from '#services/predict/predictions.js';
import { ServiceMetrics } from '#services/serviceMetrics.js';
import { trainerMemory } from '#services/trainerMemory.js';
import { Uploads } from '#services/uploads.js';
import { Verifier } from '#services/verify/verifier.js';
import { type AppOptions, buildApp } from '../../src/app.js';
import { type Document, DocumentedAnswers } from './documentedAnswers.js';

export const classes = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

/** `count` black images with labels in turn: the API reads a dataset's header and none of its images. */
const blackImages = (count: number) => ({
  images: new Uint8Array(count * 32 * 32 * 3),
  labels: Int32Array.from({ length: count }, (_, i) => i % classes.length),
});

/** A store with one dataset: cifar10, version 3, with 1,000 training and 200 test images. */
async function createDatasets(folder: string): Promise<DatasetStores> {
  const stores = new DatasetStores(folder);
  await addDataset(stores.shared, 'cifar10');
  return stores;
}

/** Adds a dataset like CIFAR-10 to a store, as version 3. */
export async function addDataset(store: DatasetStore, name: string): Promise<void> {
  const file = store.file({ name, version: 3 });
  await mkdir(dirname(file), { recursive: true });
  await writePacked(file, {
    name,
    version: 3,
    classes,
    imageShape: [32, 32, 3],
    source: 'test',
    train: blackImages(1000),
    test: blackImages(200),
  });
}

const predictLimits: PredictLimits = {
  threads: 1,
  memoryMegabytes: 100,
  maxImages: 8,
  maxBytes: 1 << 20,
  maxPixels: 1_000_000,
  maxRequests: 16,
  maxBatchImages: 1000,
};

type ServiceOptions = Partial<AppOptions> & { datasetBytes?: number | null; predict?: Partial<PredictLimits> };

/**
 * The service on its own database, queue (in that database), dataset store and artifact store; it does not listen. No
 * dispatcher runs: jobs stay in the outbox, and `wakes` counts how often the routes would have woken it. Every answer
 * to `agent` and `anonymous` is compared with the OpenAPI document, and `close` throws where one differs.
 */
export async function startService({ datasetBytes = null, predict, ...options }: ServiceOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-api-'));
  const database = await createTestDatabase(async (url) => (await openDatabase(url)).close());
  const db = await openDatabase(database.url);
  const artifacts = new DiskArtifactStore(join(folder, 'artifacts'));
  const datasets = await createDatasets(join(folder, 'datasets'));
  const uploads = new Uploads(join(folder, 'datasets', '.uploads'));
  const queue = await openQueue({ redisUrl: null, databaseUrl: database.url });
  const lines: string[] = [];
  let wakes = 0;
  const logger = pino({ redact: ['req.headers.authorization'] }, { write: (line) => lines.push(line) });
  const verifier = new Verifier(artifacts, logger);
  const all: AppOptions = {
    db,
    queue,
    artifacts,
    datasets,
    predictions: new Predictions(artifacts, { ...predictLimits, ...predict }),
    verifier,
    uploads,
    batchFiles: new BatchFiles(join(folder, 'datasets', '.predictions')),
    datasetQuota: new DatasetQuota(datasetBytes, datasets, uploads, db.batches),
    allowPrivateUrls: false,
    privateWebhooks: false,
    memory: (training) => trainerMemory(training, 1),
    metrics: new ServiceMetrics(),
    wake: () => {
      wakes += 1;
    },
    logger,
    limits: { requestsPerMinute: null, queuedJobs: null, trainingSecondsPerDay: null },
    keepAuditDays: 1,
    version: '0.0.0-test',
    ...options,
  };
  const app = await buildApp(all);
  const admin = await db.keys.create({ name: 'admin', role: 'admin', project: 'default' });
  const answers = new DocumentedAnswers(app.swagger() as unknown as Document);
  const checked = (request: supertest.Test) => {
    request.once('response', (response: supertest.Response) => answers.check(request.method, request.url, response));
  };
  const agent = supertest.agent(app.server).use(checked).set('authorization', `Bearer ${admin.secret}`);
  const anonymous = supertest.agent(app.server).use(checked);
  const project = db.project('default');
  const close = async () => {
    await app.close();
    await verifier.close();
    await queue.close();
    await db.close();
    await database.drop();
    await rm(folder, { recursive: true });
    if (answers.violations.length > 0) throw new Error(answers.violations.join('\n'));
  };
  return {
    app,
    options: all,
    db,
    project,
    databaseUrl: database.url,
    artifacts,
    datasets,
    uploads,
    agent,
    anonymous,
    admin,
    lines,
    wakes: () => wakes,
    close,
  };
}

export type Service = Awaited<ReturnType<typeof startService>>;

/** Lets clients connect. @returns the port */
export async function listen({ app }: Pick<Service, 'app'>): Promise<number> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port;
}

/** Submits a small job and returns its id. */
export async function submit({ agent }: Pick<Service, 'agent'>, changes: object = {}): Promise<string> {
  const answer = await agent.post('/v1/jobs').send({ architecture: 'lenet', epochs: 3, ...changes });
  if (answer.status !== 202) throw new Error(answer.text);
  return answer.body.id;
}
