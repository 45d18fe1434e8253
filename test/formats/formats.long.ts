import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { TrainyardClient } from '@trainyard/client';
import type { LabelledImages } from '@trainyard/datasets';
import { encodeSafetensors, parseSafetensors } from '@trainyard/formats';
import { startProxy } from '@trainyard/test-kit';
import { createHome, startEmbedded, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it, onTestFinished } from 'vitest';
import { run } from '../packaging/support.js';
import { type Network, networks } from './support/networks.js';
import { sets, testImages, writeSets } from './support/sets.js';
import { logitsOf } from './support/tensorFlow.js';

/** Of logits, beside those of PyTorch in float64; as a share of the largest where that is above 1. */
const tolerance = 1e-4;

interface Reading {
  /** Test images that are classified correctly. */
  correct: number;
  /** Largest difference of a logit from that of PyTorch in float64. */
  difference: number;
}
type Readings = Record<'onnx' | 'uint8' | 'torch', Reading>;

const downloads = {
  'model.zip': ['tfjs', {}],
  'model.onnx': ['onnx', {}],
  'model.uint8.onnx': ['onnx', { input: 'uint8' }],
  'model.torch.zip': ['torch', {}],
} as const;

async function useService() {
  const { PYTHON } = process.env;
  if (!PYTHON) throw new Error('PYTHON names no Python with the readers: use npm run test:formats');
  const home = await createHome();
  onTestFinished(() => home.remove());
  const tests = await writeSets(path.join(home.folder, 'datasets'));
  const stack = await startEmbedded(home, { TRAINYARD_EXECUTOR: 'native', TRAINYARD_REQUESTS_PER_MINUTE: '0' });
  onTestFinished(() => stack.stop());
  // Every connection breaks off, so that every file that is larger comes in parts.
  const proxy = await startProxy(Number(new URL(stack.url).port));
  onTestFinished(() => proxy.close());
  proxy.cutAfterBytes = 1_000_000;
  const baseUrl = `http://127.0.0.1:${proxy.port}`;
  return { ...stack, tests, python: PYTHON, home, broken: new TrainyardClient({ baseUrl, apiKey: stack.apiKey }) };
}

/** Without batchNorm, a few steps teach nothing. */
const slow: unknown[] = ['lenet', 'cnn3', 'vgg6'];

const specOf = ({ set, architecture }: Network) => ({
  dataset: set,
  architecture,
  recipe: null,
  epochs: slow.includes(architecture) ? 5 : 2,
  batchSize: 20,
  learningRate: 0.003,
  optimizer: { type: 'adam' as const },
  seed: 3,
});

/** Writes what the readers need: the test split, and the model in every format. */
async function download(client: TrainyardClient, id: string, { images, labels }: LabelledImages, folder: string) {
  const shape = sets[(await client.job(id)).spec.dataset.name as keyof typeof sets].imageShape;
  await mkdir(folder, { recursive: true });
  const test = encodeSafetensors([
    { name: 'images', shape: [testImages, ...shape], dtype: 'U8', data: images },
    { name: 'labels', shape: [testImages], dtype: 'I32', data: labels },
  ]);
  await writeFile(path.join(folder, 'test.safetensors'), Buffer.concat(test));
  for (const [name, [format, options]] of Object.entries(downloads)) {
    const { stream } = await client.download(id, 'best', format, options);
    await writeFile(path.join(folder, name), await buffer(stream));
  }
}

async function readInTensorFlow(folder: string, { images, labels }: LabelledImages, set: Network['set']) {
  const zip = await readFile(path.join(folder, 'model.zip'));
  const { logits, classes } = await logitsOf(zip, images, [testImages, ...sets[set].imageShape]);
  const exact = parseSafetensors(await readFile(path.join(folder, 'logits.safetensors'))).tensors[0]?.data;
  if (!(exact instanceof Float32Array) || exact.length !== logits.length)
    throw new Error('the readers have not the same number of logits');
  const row = (image: number) => [...logits.subarray(image * classes, (image + 1) * classes)];
  const isCorrect = (label: number, image: number) => row(image).indexOf(Math.max(...row(image))) === label;
  const correct = [...labels].filter(isCorrect).length;
  const difference = logits.reduce((most, logit, i) => Math.max(most, Math.abs(logit - (exact[i] as number))), 0);
  return { tfjs: { correct, difference }, largest: exact.reduce((most, one) => Math.max(most, Math.abs(one)), 0) };
}

it('reproduces the stored accuracy of every preset and of odd architectures in every format', async () => {
  const { client, broken, home, tests, python } = await useService();
  const rows: { name: string; stored: number; largest: number; readings: Record<string, Reading>; guess: number }[] =
    [];
  const sent = await Promise.all(networks.map(([, network]) => client.submit(specOf(network))));
  const folders: string[] = [];
  for (const [i, [name, { set }]] of networks.entries()) {
    const { id, state, failure } = await waitForEnd(client, sent[i]?.id ?? '', 1_200_000);
    expect(failure?.message ?? state, name).toBe('succeeded');
    folders.push(path.join(home.folder, 'read', id));
    await download(broken, id, tests[set], folders[i] as string);
  }
  const program = fileURLToPath(new URL('reader.py', import.meta.url));
  const lines = (await run(python, [program, ...folders], home.folder)).trim().split('\n');
  for (const [i, [name, { set }]] of networks.entries()) {
    const { tfjs, largest } = await readInTensorFlow(folders[i] as string, tests[set], set);
    const { correct } = await client.results(sent[i]?.id ?? '');
    const readings = { ...(JSON.parse(lines[i] ?? '') as Readings), tfjs };
    rows.push({ name, stored: correct, largest, readings, guess: testImages / sets[set].classes });
  }

  const shown = ({ correct, difference }: Reading) => `${correct}, ${difference.toExponential(1)}`;
  console.log(`Correct of ${testImages} test images, and the largest difference of logits from PyTorch's in float64`);
  console.table(
    rows.map(({ name, stored, largest, readings: { onnx, uint8, torch, tfjs } }) => ({
      name,
      stored,
      'largest logit': largest.toFixed(1),
      ...Object.fromEntries(Object.entries({ onnx, uint8, torch, tfjs }).map(([k, v]) => [k, shown(v as Reading)])),
    })),
  );
  for (const { name, stored, largest, readings, guess } of rows) {
    for (const [reader, { correct, difference }] of Object.entries(readings)) {
      expect(correct, `${name} in ${reader}`).toBe(stored);
      expect(difference / Math.max(1, largest), `${name} in ${reader}`).toBeLessThan(tolerance);
    }
    // A network that learned nothing would agree too easily.
    expect(stored, name).toBeGreaterThan(1.5 * guess);
  }
});
