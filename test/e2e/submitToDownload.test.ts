import '@tensorflow/tfjs-backend-cpu';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import type { TestResults } from '@trainyard/contracts';
import { openPacked } from '@trainyard/datasets';
import { eventually, startProxy } from '@trainyard/test-kit';
import { stripes } from '@trainyard/test-kit/datasets';
import {
  createHome,
  type EmbeddedStack,
  epochsOf,
  type Home,
  NodeProcess,
  quickSpec,
  startEmbedded,
  waitForEnd,
} from '@trainyard/test-kit/service';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { fromBuffer } from 'yauzl';

let home: Home;
let stack: EmbeddedStack;
beforeAll(async () => {
  home = await createHome();
  stack = await startEmbedded(home);
});
afterAll(async () => {
  await stack?.stop();
  await home?.remove();
});

async function unzip(zipped: Buffer): Promise<Map<string, Buffer>> {
  const zip = await promisify<Buffer, object, import('yauzl').ZipFile>(fromBuffer)(zipped, { autoClose: false });
  const open = promisify(zip.openReadStream.bind(zip)) as (
    entry: import('yauzl').Entry,
  ) => Promise<NodeJS.ReadableStream>;
  const files = new Map<string, Buffer>();
  return new Promise((resolve, reject) => {
    zip.on('entry', (entry) => {
      open(entry)
        .then(async (stream) => void files.set(entry.fileName, await buffer(stream)))
        .catch(reject);
    });
    zip.on('error', reject);
    zip.on('end', () => setTimeout(() => resolve(files), 200));
  });
}

async function loadModel(files: Map<string, Buffer>): Promise<LayersModel> {
  const json = JSON.parse(String(files.get('model.json')));
  return loadLayersModel(
    tf.io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest[0].weights,
      weightData: Uint8Array.from(files.get('weights.bin') ?? []).buffer,
    }),
  );
}

/** Counts the test images of each class that the model classifies correctly; pixels are normalised as in the spec. */
async function testByHand(model: LayersModel): Promise<number[]> {
  const packed = await openPacked(home.datasetFile);
  const labels = await packed.readLabels('test');
  const images = await packed.readImages('test', [...labels.keys()]);
  const pixels = tf.tensor(Float32Array.from(images), [labels.length, 32, 32, 3]);
  const answers = tf.argMax(model.predict(tf.sub(tf.div(pixels, 127.5), 1)) as tf.Tensor, 1).dataSync();
  const correct = new Array<number>(10).fill(0);
  for (const [image, label] of labels.entries())
    if (answers[image] === label) correct[label] = (correct[label] ?? 0) + 1;
  return correct;
}

describe('a job sent to the service', () => {
  let id = '';
  let results: TestResults;

  it('is trained and tested', async () => {
    const sent = performance.now();
    id = (await stack.client.submit({ ...quickSpec, epochs: 3, seed: 7 })).id;
    await eventually('the first step', async () => (await stack.client.job(id)).progress);
    console.info(`POST to the first training step: ${Math.round(performance.now() - sent)} ms`);
    const job = await waitForEnd(stack.client, id);
    expect(job).toMatchObject({ state: 'succeeded', terminal: true, attempt: 1, failure: null });
    expect(await epochsOf(stack.client, id)).toEqual([1, 2, 3]);
    results = await stack.client.results(id);
    expect(results.total).toBe(stripes.testImages);
    // Guessing has an accuracy of 0.1.
    expect(results.accuracy).toBeGreaterThan(0.3);
    // Five of ten classes by chance alone: 0.5.
    expect(results.top5Accuracy).toBeGreaterThanOrEqual(Math.max(results.accuracy, 0.6));
    const scores = results.classes.map(({ f1 }) => f1 ?? 0);
    expect(results.macroF1).toBeCloseTo(scores.reduce((sum, score) => sum + score) / scores.length, 10);
  });

  it('has a checkpoint that plain TensorFlow.js loads, with the stored test results', async () => {
    const download = await stack.client.download(id, 'best', 'tfjs');
    const zipped = await buffer(download.stream);
    expect(zipped.length).toBe(download.bytes);
    expect(createHash('sha256').update(zipped).digest('hex')).toBe(download.sha256);
    const model = await loadModel(await unzip(zipped));
    expect(await testByHand(model)).toEqual(results.classes.map(({ correct }) => correct));
  });

  it('has a checkpoint that the command line downloads on a connection that breaks again and again', async () => {
    const proxy = await startProxy(Number(new URL(stack.url).port));
    onTestFinished(() => proxy.close());
    proxy.cutAfterBytes = 60_000;
    const file = path.join(home.folder, 'downloaded.zip');
    const cli = new NodeProcess('cli', ['download', id, '-o', file, '--json'], {
      TRAINYARD_HOME: home.folder,
      TRAINYARD_URL: `http://127.0.0.1:${proxy.port}`,
      TRAINYARD_API_KEY: stack.apiKey,
    });
    expect(await cli.exited).toBe(0);
    const { bytes, sha256 } = JSON.parse(cli.lines.join('\n'));
    const content = await readFile(file);
    expect(content.length).toBe(bytes);
    expect(bytes).toBeGreaterThan(3 * proxy.cutAfterBytes);
    expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
    expect((await readdir(home.folder)).filter((name) => name.startsWith('downloaded'))).toEqual(['downloaded.zip']);
  });

  it('is in the history of results', async () => {
    const { data } = await stack.client.history({ dataset: stripes.name });
    expect(data.map(({ jobId }) => jobId)).toContain(id);
  });

  it('keeps the test of its best weights where it diverges later', async () => {
    // The rate begins near 0. Once it is above 2, a weight decay of 1 makes each step multiply the weights by less than
    // -1, whatever the rounding of this processor.
    const schedule = { type: 'oneCycle', warmupFraction: 0.9, initialFraction: 0 } as const;
    const optimizer = { type: 'sgd', momentum: 0, weightDecay: 1 } as const;
    const spec = { ...quickSpec, epochs: 60, learningRate: 100, schedule, optimizer, seed: 7 };
    const job = await waitForEnd(stack.client, (await stack.client.submit(spec)).id);
    expect(job).toMatchObject({ state: 'failed', attempt: 1, failure: { code: 'diverged' }, test: { partial: true } });
    const tested = await stack.client.results(job.id);
    expect(tested).toMatchObject({ epoch: job.best?.epoch, total: stripes.testImages, partial: true });
    expect(tested.accuracy).toBe(job.test?.accuracy);
    const ids = async (partial: boolean) => (await stack.client.history({ partial })).data.map(({ jobId }) => jobId);
    expect(await ids(false)).not.toContain(job.id);
    expect(await ids(true)).toContain(job.id);
  });

  it('has the same weights as another job with the same seed', async () => {
    const again = await waitForEnd(stack.client, (await stack.client.submit({ ...quickSpec, epochs: 3, seed: 7 })).id);
    const other = await waitForEnd(stack.client, (await stack.client.submit({ ...quickSpec, epochs: 3, seed: 8 })).id);
    const digest = async (job: string) => {
      const manifest = await stack.client.checkpoint(job, 'best');
      return manifest.files.find(({ name }) => name === 'weights.bin')?.sha256;
    };
    expect(await digest(again.id)).toBe(await digest(id));
    expect(await digest(other.id)).not.toBe(await digest(id));
  });
});
