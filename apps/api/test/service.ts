import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiskArtifactStore } from '@trainyard/artifacts';
import type { Dataset } from '@trainyard/contracts';
import { openDatabase } from '@trainyard/db';
import { createTestDatabase } from '@trainyard/test-kit';
import { pino } from 'pino';
import supertest from 'supertest';
import { type AppOptions, buildApp } from '../src/app.js';
import { ServiceMetrics } from '../src/services/serviceMetrics.js';
import { trainerMemory } from '../src/services/trainerMemory.js';

export const toyDataset: Dataset = {
  name: 'cifar10',
  version: 3,
  digest: 'd'.repeat(64),
  imageShape: [32, 32, 3],
  classes: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  trainImages: 1000,
  testImages: 200,
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
  bytes: 1,
  source: 'test',
  importedAt: '2026-01-01T00:00:00.000Z',
};

const datasets: AppOptions['datasets'] = {
  list: async () => [toyDataset],
  find: async (name, version) =>
    name === toyDataset.name && (version ?? toyDataset.version) === toyDataset.version ? toyDataset : null,
};

/** The service on a database and an artifact store of its own; it does not listen. */
export async function startService(options: Partial<AppOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-api-'));
  const database = await createTestDatabase(async (url) => (await openDatabase(url)).close());
  const db = await openDatabase(database.url);
  const artifacts = new DiskArtifactStore(join(folder, 'artifacts'));
  const lines: string[] = [];
  let wakes = 0;
  const all: AppOptions = {
    db,
    queue: { backend: 'postgres', counts: async () => ({ waiting: 0, active: 0 }) },
    artifacts,
    datasets,
    memory: (training) => trainerMemory(training, 1),
    metrics: new ServiceMetrics(),
    wake: () => {
      wakes += 1;
    },
    logger: pino({ redact: ['req.headers.authorization'] }, { write: (line) => lines.push(line) }),
    limits: { requestsPerMinute: null, queuedJobs: null, trainingSecondsPerDay: null },
    keepAuditDays: 1,
    version: '0.0.0-test',
    ...options,
  };
  const app = await buildApp(all);
  const admin = await db.keys.create({ name: 'admin', role: 'admin', project: 'default' });
  const agent = supertest.agent(app.server).set('authorization', `Bearer ${admin.secret}`);
  const anonymous = supertest(app.server);
  const project = db.project('default');
  const close = async () => {
    await app.close();
    await db.close();
    await database.drop();
    await rm(folder, { recursive: true });
  };
  return {
    app,
    options: all,
    db,
    project,
    databaseUrl: database.url,
    artifacts,
    agent,
    anonymous,
    admin,
    lines,
    wakes: () => wakes,
    close,
  };
}

export type Service = Awaited<ReturnType<typeof startService>>;

/** Submits a small job and gives its id. */
export async function submit({ agent }: Pick<Service, 'agent'>, changes: object = {}): Promise<string> {
  const answer = await agent.post('/v1/jobs').send({ architecture: 'lenet', epochs: 3, ...changes });
  if (answer.status !== 202) throw new Error(answer.text);
  return answer.body.id;
}
