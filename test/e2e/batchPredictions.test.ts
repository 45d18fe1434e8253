import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { DiskArtifactStore } from '@trainyard/artifacts';
import { TrainyardClient } from '@trainyard/client';
import { DatasetStores } from '@trainyard/datasets';
import { openDatabase } from '@trainyard/db';
import { createTestDatabase, eventually } from '@trainyard/test-kit';
import { createHome, NodeProcess, patterns, readCredentials } from '@trainyard/test-kit/service';
import { parquetReadObjects } from 'hyparquet';
import pg from 'pg';
import sharp from 'sharp';
import supertest from 'supertest';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finishedJob } from '../../apps/api/test/support/jobs.js';
import { makeZip, tarBytes } from '../../packages/datasets/test/makeArchives.js';

const closers: (() => Promise<unknown>)[] = [];
let folder: string;
let client: TrainyardClient;
let api: NodeProcess;
let start: () => Promise<void>;
let sql: pg.Client;
let jobId: string;
beforeAll(async () => {
  const home = await createHome();
  folder = home.folder;
  const database = await createTestDatabase();
  const env = { TRAINYARD_HOME: folder, TRAINYARD_PORT: '0', DATABASE_URL: database.url };
  start = async () => {
    api = new NodeProcess('api', [], env);
    await api.line(patterns.apiIsReady);
    const { url, apiKey } = await readCredentials(folder);
    client = new TrainyardClient({ baseUrl: url, apiKey });
  };
  await start();
  const { url, apiKey } = await readCredentials(folder);
  const agent = supertest.agent(url).set('authorization', `Bearer ${apiKey}`);
  const db = await openDatabase(database.url);
  const artifacts = new DiskArtifactStore(path.join(folder, 'artifacts'));
  const datasets = new DatasetStores(path.join(folder, 'datasets'));
  jobId = await finishedJob({ agent, db, artifacts, datasets }, { dataset: 'stripes' });
  await db.close();
  sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
  closers.push(
    () => sql.end(),
    () => api.end('SIGTERM'),
    () => database.drop(),
    () => home.remove(),
  );
});
afterAll(async () => {
  for (const close of closers) await close();
});

async function rowsOf(id: string): Promise<Record<string, unknown>[]> {
  const { stream, bytes, sha256 } = await client.downloadBatchPrediction(id, 'parquet');
  const content = await new Response(stream).arrayBuffer();
  expect(content.byteLength).toBe(bytes);
  expect(createHash('sha256').update(Buffer.from(content)).digest('hex')).toBe(sha256);
  return parquetReadObjects({ file: content });
}

async function uploadOf(files: Record<string, Buffer>): Promise<string> {
  return (await client.upload(new Blob([new Uint8Array(await tarBytes(files))]), { name: 'images.tar' })).id;
}

const square = (side: number) =>
  sharp({ create: { width: side, height: side, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();

/** The process of the batch that runs, once it is that program: one that is stopped before would hold up the API. */
async function batchProcess(): Promise<number> {
  let found = 0;
  await eventually('the process of a batch', async () => {
    for (const pid of api.children) {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      if (command.includes('batch/main.js')) found = pid;
    }
    return found > 0;
  });
  return found;
}

const foldersOf = async () => readdir(path.join(folder, 'datasets', '.predictions', 'default'));

it('the images of a dataset become a table with each class, and what the dataset says is right', async () => {
  const created = await client.createBatchPrediction({ jobId, dataset: 'stripes', split: 'all' });
  expect(created).toMatchObject({ state: 'queued', source: { kind: 'dataset', name: 'stripes', split: 'all' } });
  const done = await client.waitForBatchPrediction(created.id);
  expect(done).toMatchObject({ state: 'succeeded', problem: null, model: { jobId, epoch: 2, architecture: 'lenet' } });
  const stripes = await client.dataset('stripes');
  const images = stripes.trainImages + stripes.validationImages + stripes.testImages;
  expect(done.results).toMatchObject({ images, unreadable: 0 });
  const rows = await rowsOf(created.id);
  expect(rows).toHaveLength(images);
  expect(new Set(rows.map(({ actual }) => actual))).toEqual(new Set(stripes.classes));
  expect(rows.at(-1)).toMatchObject({ image: `test/${stripes.testImages - 1}`, error: null });
  for (const row of rows.slice(0, 100)) {
    const each = stripes.classes.map((name) => Number(row[`probability.${name}`]));
    expect(each.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
    expect(row.probability).toBe(Math.max(...each));
    expect(row.class).toBe(stripes.classes[each.indexOf(Math.max(...each))]);
  }
  const csv = await new Response((await client.downloadBatchPrediction(created.id)).stream).text();
  const [heading = '', first = ''] = csv.split('\r\n');
  expect(heading).toBe(
    ['image,class,probability,actual,error', ...stripes.classes.map((c) => `probability.${c}`)].join(),
  );
  expect(first.split(',')).toEqual(Object.values(rows[0] ?? {}).map((value) => String(value ?? '')));
  expect(csv.split('\r\n')).toHaveLength(images + 2);
  await client.deleteBatchPrediction(created.id);
  expect(await foldersOf()).toEqual([]);
});

it('files that cannot be read have an error in their row, and do not fail the others', async () => {
  const good = await square(40);
  const files = { 'a/one.jpg': good, 'a/two.jpg': good.subarray(0, 200), 'three.png': Buffer.from('<html></html>') };
  const uploadId = await uploadOf({ ...files, 'notes.txt': Buffer.from('none'), 'b/four.jpg': good });
  const { id } = await client.createBatchPrediction({ jobId, uploadId });
  await expect(client.createBatchPrediction({ jobId, uploadId })).rejects.toMatchObject({ status: 409 });
  const { results } = await client.waitForBatchPrediction(id);
  expect(results).toMatchObject({ images: 4, unreadable: 2 });
  const rows = await rowsOf(id);
  expect(rows.map(({ image, error }) => [image, error])).toEqual([
    ['a/one.jpg', null],
    ['a/two.jpg', expect.stringMatching(/^is damaged \(it is cut off\)/)],
    ['three.png', 'is an HTML page, not an image; get it again'],
    ['b/four.jpg', null],
  ]);
  expect(rows[1]).toMatchObject({ class: null, probability: null, actual: null });
  // The upload is not needed any more.
  await expect(client.createBatchPrediction({ jobId, uploadId })).rejects.toMatchObject({ status: 404 });
  const garbage = await client.upload(new Blob([new Uint8Array(99)]), { name: 'x.csv' });
  const failed = await client.createBatchPrediction({ jobId, uploadId: garbage.id });
  expect((await client.waitForBatchPrediction(failed.id)).results).toMatchObject({ images: 1, unreadable: 1 });
});

it('an archive that is a bomb, or whose paths leave it, is refused as a whole', async () => {
  const bomb = await makeZip(path.join(folder, 'bomb.zip'), { 'a.png': Buffer.alloc(40 * 2 ** 20) });
  const uploads = [
    ['bomb.zip is refused: "a.png" unpacks to more than 100 times its size', (await client.upload(bomb)).id],
    ['images.tar is refused: the path "../a.jpg" leaves the archive', await uploadOf({ '../a.jpg': Buffer.from('x') })],
  ] as const;
  for (const [why, uploadId] of uploads) {
    const { id } = await client.createBatchPrediction({ jobId, uploadId });
    const { state, problem } = await client.waitForBatchPrediction(id);
    expect(state).toBe('failed');
    expect(problem?.detail).toContain(why);
    expect(problem?.detail).not.toContain(folder);
  }
});

it('kills of its process and of the API lose nothing and give one table', async () => {
  const names = Array.from({ length: 40 }, (_, i) => `${i + 100}.jpg`);
  const image = await square(300);
  const uploadId = await uploadOf(Object.fromEntries(names.map((name) => [name, image])));
  const { id } = await client.createBatchPrediction({ jobId, uploadId });
  const isRunning = async () => (await client.batchPrediction(id)).state === 'running';
  /** What the service does when the heartbeats have ended for 30 s. */
  const expire = () => sql.query("UPDATE prediction_batches SET heartbeat_at = now() - interval '1 minute'");

  await eventually('the start', isRunning);
  process.kill(await batchProcess(), 'SIGKILL');
  await eventually('the end of its process', async () => api.children.length === 0);
  expect(await isRunning()).toBe(true);
  await expire();
  await batchProcess();
  await api.end('SIGKILL');
  await start();
  expect(await isRunning()).toBe(true);
  await expire();
  const done = await client.waitForBatchPrediction(id);
  expect(done).toMatchObject({ state: 'succeeded', results: { images: 40, unreadable: 0 } });
  expect((await rowsOf(id)).map(({ image }) => image)).toEqual(names);
  const { rows } = await sql.query('SELECT starts FROM prediction_batches WHERE id = $1', [id]);
  expect(rows).toEqual([{ starts: 3 }]);
});

it('one that runs can be cancelled, and leaves nothing', async () => {
  const uploadId = await uploadOf({ 'one.jpg': await square(30) });
  const before = await foldersOf();
  const { id } = await client.createBatchPrediction({ jobId, uploadId });
  const pid = await batchProcess();
  // Until the API has asked it to stop, it can do nothing.
  process.kill(pid, 'SIGSTOP');
  await client.cancelBatchPrediction(id);
  const pending = async () => /^ShdPnd:\s*(\w+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  await eventually('SIGTERM', async () => (BigInt(`0x${await pending()}`) & (1n << 14n)) !== 0n);
  process.kill(pid, 'SIGCONT');
  expect(await client.waitForBatchPrediction(id)).toMatchObject({ state: 'cancelled', results: null });
  await expect(client.downloadBatchPrediction(id)).rejects.toMatchObject({ status: 409 });
  await expect(client.createBatchPrediction({ jobId, uploadId })).rejects.toMatchObject({ status: 404 });
  expect(await foldersOf()).toEqual(before);
});
