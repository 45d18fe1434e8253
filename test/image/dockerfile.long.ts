import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TrainyardClient } from '@trainyard/client';
import { createTestDatabase, eventually, redisUrl } from '@trainyard/test-kit';
import { waitForEnd } from '@trainyard/test-kit/service';
import getPort from 'get-port';
import { expect, onTestFinished, test } from 'vitest';
import { createBaseImage, registryMounts } from './baseImage.js';
import { Buildah, type ContainerProcess } from './buildah.js';

const repository = fileURLToPath(new URL('../..', import.meta.url));

const images = [
  { file: 'Dockerfile', tag: 'trainyard', device: 'cpu' },
  // Without a GPU: the addon on PyTorch's operators, as on a GPU, but on the CPU.
  { file: 'Dockerfile.gpu', tag: 'trainyard-gpu', device: 'torch:cpu' },
];

test.each(images)(
  'the image of $file trains a job, as API and as worker, on Postgres and Redis',
  async ({ file, tag, device }) => {
    const folder = await temporaryFolder();
    const buildah = new Buildah(folder);
    console.log('building a base: Debian by debootstrap, Node from npm');
    await createBaseImage(buildah, folder);
    console.log(`building the image of ${file}`);
    await buildah.build(repository, { file, tag, mounts: registryMounts() });
    const [image, base] = [await buildah.size(`${tag}:latest`), await buildah.size('node:20-bookworm-slim')];
    console.log(`the image has ${megabytes(image)}, ${megabytes(image - base)} of it above its base`);

    const start = await startService(buildah, tag, device);
    const importing = start(['trainyard', 'dataset', 'import', 'shapes']);
    expect(await importing.exitCode, importing.output).toBe(0);
    const api = start(['node', 'apps/api/dist/server.js']);
    await eventually('the API', () => isReady(api), 60_000);
    const credentials = start(['cat', '/data/credentials.json']);
    await credentials.exitCode;
    const { url, apiKey } = JSON.parse(credentials.output);
    const worker = start(['node', 'apps/worker/dist/main.js']);
    const client = new TrainyardClient({ baseUrl: url, apiKey });
    const { id } = await client.submit({
      architecture: 'lenet',
      recipe: 'article',
      dataset: { name: 'shapes', limit: 1000 },
      learningRate: 0.05,
      epochs: 2,
    });
    const job = await waitForEnd(client, id);
    expect(job.state, worker.output).toBe('succeeded');
    expect((await client.metrics(id)).map((epoch) => [epoch.epoch, epoch.executor, epoch.device])).toEqual([
      [1, 'native', device],
      [2, 'native', device],
    ]);
    expect((await client.results(id)).classes).toHaveLength(10);
    expect([await worker.stop(), await api.stop()], 'exit codes after SIGTERM').toEqual([0, 0]);
  },
);

/** Returns a function that starts a command in one container, with a database and a Redis of its own. */
async function startService(buildah: Buildah, image: string, device: string) {
  const database = await createTestDatabase();
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: await redisUrl(),
    TRAINYARD_HOST: '127.0.0.1',
    TRAINYARD_DEVICE: device,
    TRAINYARD_PORT: String(await getPort()),
  };
  const container = await buildah.call('from', '--pull-never', `localhost/${image}`);
  const started: ContainerProcess[] = [];
  onTestFinished(async () => {
    for (const running of started.filter(({ ended }) => !ended)) await running.stop();
    await database.drop();
  });
  return (command: string[]): ContainerProcess => {
    const running = buildah.start(container, command, env);
    started.push(running);
    return running;
  };
}

/** The API writes its credentials before it is ready. @throws Error with its log when it has ended. */
function isReady(api: ContainerProcess): boolean {
  if (api.ended) throw new Error(`the API ended: ${api.output}`);
  return api.output.includes('credentials.json');
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-image-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
