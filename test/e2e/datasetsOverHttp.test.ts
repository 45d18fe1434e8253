import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TrainyardClient, type UploadSource } from '@trainyard/client';
import { createTestDatabase, eventually } from '@trainyard/test-kit';
import { createHome, NodeProcess, patterns, quickSpec, readCredentials, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it, onTestFinished } from 'vitest';

/** An API on a home and a database of its own, which can be killed and started again. */
async function useApi(env: NodeJS.ProcessEnv = {}) {
  const home = await createHome();
  onTestFinished(() => home.remove());
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const all = { TRAINYARD_HOME: home.folder, TRAINYARD_PORT: '0', DATABASE_URL: database.url, ...env };
  const start = async () => {
    const api = new NodeProcess('api', [], all);
    onTestFinished(async () => void (await api.end('SIGKILL')));
    await api.line(patterns.apiIsReady);
    return { api, admin: new TrainyardClient(clientOf(await readCredentials(home.folder))) };
  };
  const startWorker = async () => {
    const worker = new NodeProcess('worker', [], all);
    onTestFinished(async () => void (await worker.end('SIGTERM')));
    await worker.line(patterns.workerIsReady);
  };
  const url = async () => (await readCredentials(home.folder)).url;
  return { datasets: join(home.folder, 'datasets'), start, startWorker, url };
}

const clientOf = ({ url, apiKey }: { url: string; apiKey: string }) => ({ baseUrl: url, apiKey });

async function submitterOf(admin: TrainyardClient, url: string, project: string): Promise<TrainyardClient> {
  const { secret } = await admin.createKey({ name: 'submitter', role: 'submitter', project });
  return new TrainyardClient({ baseUrl: url, apiKey: secret });
}

/** The dataset `stripes` as a tar of PNG files. */
async function exported(client: TrainyardClient): Promise<Blob> {
  return new Response(await client.exportDataset('stripes')).blob();
}

/** A file whose reading breaks `cuts` times, each time some bytes further. */
function breaking(blob: Blob, cuts: number): UploadSource & { reads: number[] } {
  const reads: number[] = [];
  const read = (from: number): ReadableStream<Uint8Array> => {
    reads.push(from);
    const part = blob.slice(from);
    if (reads.length > cuts) return part.stream();
    const half = part
      .slice(0, Math.ceil(part.size / 3))
      .stream()
      .getReader();
    return new ReadableStream({
      async pull(controller) {
        const { done, value } = await half.read();
        if (!done) return controller.enqueue(value);
        // The bytes must be on their way before the connection breaks.
        await new Promise((resolve) => setTimeout(resolve, 300));
        controller.error(new Error('the line was cut'));
      },
    });
  };
  return { name: 'stripes.tar', bytes: blob.size, read, reads };
}

/** Files of uploads and of imports that are not over. */
async function leftovers(datasets: string): Promise<string[]> {
  const files = await readdir(datasets, { recursive: true, withFileTypes: true });
  return files
    .filter((each) => each.isFile() && !/\.(packed|removed)$/.test(each.name))
    .map(({ parentPath, name }) => join(parentPath, name).slice(datasets.length + 1));
}

const nothingLeft = (datasets: string) =>
  eventually('the removal of all files', async () => (await leftovers(datasets)).length === 0);

it('a file whose connection breaks five times is imported, and trained on by a key that may only submit', async () => {
  const { datasets, start, startWorker, url } = await useApi();
  const { admin } = await start();
  await startWorker();
  const client = await submitterOf(admin, await url(), 'robots');
  const stripes = await admin.dataset('stripes');
  const source = breaking(await exported(client), 5);
  const upload = await client.upload(source);
  expect(upload.offset).toBe(source.bytes);
  expect(source.reads).toHaveLength(6);
  expect(new Set(source.reads).size).toBe(6);
  const { id } = await client.createImport({ uploadId: upload.id, name: 'arms' });
  const phases = new Set<string | undefined>();
  const done = await client.waitForImport(id, { onProgress: ({ progress }) => phases.add(progress?.phase) });
  expect(done).toMatchObject({ state: 'succeeded', problem: null, dataset: { name: 'arms', version: 1 } });
  const arms = await client.dataset('arms');
  expect(arms).toMatchObject({ shared: false, mean: stripes.mean, std: stripes.std, digest: done.dataset?.digest });
  const job = await client.submit({ ...quickSpec, epochs: 1, dataset: 'arms' });
  expect(job).toMatchObject({ dataset: 'arms', datasetVersion: 1, datasetDigest: arms.digest });
  expect(await waitForEnd(client, job.id)).toMatchObject({ state: 'succeeded' });
  await expect(admin.dataset('arms')).rejects.toMatchObject({ status: 404 });
  await expect(admin.import(id)).rejects.toMatchObject({ status: 404 });
  await client.deleteDataset('arms');
  await nothingLeft(datasets);
});

it('an API that is killed during an upload and during an import loses neither', async () => {
  const { datasets, start } = await useApi();
  const first = await start();
  const blob = await exported(first.admin);
  let id = '';
  const broken = breaking(blob, 99);
  const interrupted = first.admin.upload(broken, { onCreated: (upload) => (id = upload.id), giveUpAfterSeconds: 0 });
  await interrupted.catch(() => {});
  await first.api.end('SIGKILL');

  const second = await start();
  const resumed = breaking(blob, 0);
  const upload = await second.admin.upload(resumed, { resume: id });
  expect(upload).toMatchObject({ id, offset: blob.size });
  expect(resumed.reads[0]).toBeGreaterThan(0);
  const submitted = await second.admin.createImport({ uploadId: id, name: 'copy', size: '224' });
  const isInTheMiddle = async () => {
    const { state, progress } = await second.admin.import(submitted.id);
    return state === 'running' && progress?.phase === 'importing';
  };
  await eventually('the middle of the import', isInTheMiddle, 60_000);
  await second.api.end('SIGKILL');

  const third = await start();
  const done = await third.admin.waitForImport(submitted.id);
  expect(done).toMatchObject({ state: 'succeeded', dataset: { name: 'copy', version: 1 } });
  await nothingLeft(datasets);
}, 240_000);

it('an import that is cancelled, fails or has a hostile source leaves nothing behind', async () => {
  const { datasets, start } = await useApi();
  const { admin } = await start();
  const running = await admin.createImport({ uploadId: (await admin.upload(await exported(admin))).id, size: '224' });
  await eventually('the start of the import', async () => (await admin.import(running.id)).state === 'running', 60_000);
  const waiting = await admin.createImport({ uploadId: (await admin.upload(new Blob(['a']))).id });
  expect(await admin.cancelImport(waiting.id)).toMatchObject({ state: 'cancelled', terminal: true });
  await admin.cancelImport(running.id);
  expect(await admin.waitForImport(running.id)).toMatchObject({ state: 'cancelled', dataset: null });
  expect(await admin.cancelImport(running.id)).toMatchObject({ state: 'cancelled' });

  const garbage = new Blob([new Uint8Array(100_000).fill(7)]);
  const bad = await admin.createImport({ uploadId: (await admin.upload(garbage, { name: 'pets.zip' })).id });
  const failed = await admin.waitForImport(bad.id);
  expect(failed).toMatchObject({ state: 'failed', dataset: null });
  expect(failed.problem?.detail).toContain('pets.zip');
  expect(failed.problem?.detail).not.toContain(datasets);

  const local = await admin.createImport({ url: 'http://localhost:9/pets.zip' });
  const refused = await admin.waitForImport(local.id);
  expect(refused.problem?.detail).toContain('no address of the public Internet');
  await nothingLeft(datasets);
  expect((await admin.imports()).data).toHaveLength(4);
});

it('a project cannot import more than it may store', async () => {
  const { datasets, start } = await useApi({ TRAINYARD_DATASET_BYTES: '9000000' });
  const { admin } = await start();
  const blob = await exported(admin);
  expect(blob.size).toBeLessThan(9_000_000);
  const upload = await admin.upload(blob, { name: 'stripes.tar' });
  await expect(admin.upload(blob)).rejects.toMatchObject({ code: 'quota_exceeded' });
  const { id } = await admin.createImport({ uploadId: upload.id, name: 'large', size: '224' });
  const { state, problem } = await admin.waitForImport(id);
  expect(state).toBe('failed');
  expect(problem?.detail).toContain('left of what this project may store');
  await nothingLeft(datasets);
});
