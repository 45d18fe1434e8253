import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { JobSpecInput, TestResults } from '@trainyard/contracts';
import { type LabelledImages, openPacked, writePacked } from '@trainyard/datasets';
import { eventually } from '@trainyard/test-kit';
import { stripes } from '@trainyard/test-kit/datasets';
import {
  createHome,
  type EmbeddedStack,
  eventsOf,
  type Home,
  longSpec,
  NodeProcess,
  quickSpec,
  startEmbedded,
  waitForEnd,
  waitForFirstEpoch,
} from '@trainyard/test-kit/service';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** The test images of `stripes`, beside training images of one colour: its statistics are others. */
const sameTest = 'same-test';

let home: Home;
let stack: EmbeddedStack;
let trained = '';
beforeAll(async () => {
  home = await createHome();
  await addSameTest();
  stack = await startEmbedded(home);
  const spec = { ...quickSpec, normalization: 'dataset', testAugmentation: 'mirror', seed: 7 } as const;
  trained = await succeeded(spec);
});
afterAll(async () => {
  await stack?.stop();
  await home?.remove();
});

async function addSameTest(): Promise<void> {
  const packed = await openPacked(home.datasetFile);
  const { classes, imageShape } = packed.dataset;
  const labels = await packed.readLabels('test');
  const test: LabelledImages = { images: await packed.readImages('test', [...labels.keys()]), labels };
  const train: LabelledImages = { images: new Uint8Array(10 * 32 * 32 * 3).fill(200), labels: labels.slice(0, 10) };
  const file = path.join(path.dirname(path.dirname(home.datasetFile)), sameTest, '1.packed');
  await mkdir(path.dirname(file), { recursive: true });
  await writePacked(file, { name: sameTest, version: 1, classes, imageShape, source: 'generated', train, test });
}

async function succeeded(spec: JobSpecInput): Promise<string> {
  const job = await waitForEnd(stack.client, (await stack.client.submit(spec)).id);
  expect(job).toMatchObject({ state: 'succeeded', kind: 'training' });
  return job.id;
}

async function resultsOf(id: string): Promise<Omit<TestResults, 'seconds' | 'last'>> {
  const { seconds: _, last: __, ...results } = await stack.client.results(id);
  return results;
}

it.each([stripes.name, sameTest])(
  'a checkpoint that is tested on %s gets the bits of its own test',
  async (dataset) => {
    const { client } = stack;
    const { id } = await client.testCheckpoint(trained, 'best', { dataset });
    const job = await waitForEnd(client, id);
    expect(job).toMatchObject({ kind: 'test', state: 'succeeded', attempt: 1, dataset, source: { jobId: trained } });
    expect(await resultsOf(id)).toEqual(await resultsOf(trained));
    const predictions = async (of: string) => (await client.predictions(of, { limit: 500 })).data;
    expect(await predictions(id)).toEqual(await predictions(trained));
    expect(await client.metrics(id)).toEqual([]);
    const types = (await eventsOf(client, id)).map(({ type }) => type);
    expect(types).toEqual(['submitted', 'started', 'tested', 'succeeded']);
  },
);

it('a job that starts from a checkpoint outlives it, and a replay has its bits', async () => {
  const { client } = stack;
  const source = await succeeded({ ...quickSpec, seed: 3, epochs: 1 });
  const initialWeights = { job: source, newHead: true };
  const id = await succeeded({ ...quickSpec, seed: 4, epochs: 1, initialWeights });
  await client.delete(source);
  expect((await client.job(id)).initialWeights).toMatchObject({ jobId: source, epoch: 1 });
  const replay = await client.replay(id);
  await waitForEnd(client, replay.id);
  expect(await client.replayReport(replay.id)).toMatchObject({ verdict: 'bitwiseEqual', weightsEqual: true });
  const fromSeed = await succeeded({ ...quickSpec, seed: 4, epochs: 1 });
  expect(await client.metrics(fromSeed)).not.toEqual(await client.metrics(id));
});

it('the command line tests a checkpoint and follows it to its end', async () => {
  const cli = new NodeProcess('cli', ['test', trained, '--checkpoint', 'last', '--dataset', sameTest, '--watch'], {
    TRAINYARD_HOME: home.folder,
  });
  expect(await cli.exited).toBe(0);
  const printed = cli.lines.join('\n');
  expect(printed).toContain(`test of epoch 2 of ${trained}`);
  expect(printed).toMatch(/Test Accuracy \(Overall\): .* % \(\d+\/500\)/);
});

it('a test whose checkpoint is deleted while it waits fails once, and says why', async () => {
  const { client } = stack;
  const { id: source } = await client.submit({ ...quickSpec, epochs: 1 });
  await waitForEnd(client, source);
  const { id: busy } = await client.submit({ ...longSpec, epochs: 10_000 });
  await waitForFirstEpoch(client, busy);
  const { id } = await client.testCheckpoint(source, 'best');
  await client.delete(source);
  await client.cancel(busy);
  const job = await waitForEnd(client, id);
  expect(job).toMatchObject({ state: 'failed', attempt: 1, failure: { code: 'checkpoint_missing' } });
  expect(job.failure?.message).toContain(`the checkpoint of epoch 1 of ${source} is gone`);
});

it('a test that runs is cancelled, and one whose worker is killed is repeated', async () => {
  const { client } = stack;
  const dataset = { name: stripes.name, limit: 60 };
  const source = await succeeded({ ...quickSpec, dataset, architecture: 'vgg6', learningRate: 0.01, epochs: 1 });
  // Seven passes over the test images, so that the test is still running when it is cancelled or its worker killed.
  const testAugmentation = 'mirrorTranslate';
  const running = async () => {
    const { id } = await client.testCheckpoint(source, 'best', { testAugmentation });
    await eventually('the executor of the test', async () => (await client.job(id)).executor !== null);
    return id;
  };
  const cancelled = await running();
  await client.cancel(cancelled);
  expect(await waitForEnd(client, cancelled)).toMatchObject({ state: 'cancelled', test: null });
  const [worker] = await client.workers();
  const killed = await running();
  process.kill(worker?.pid ?? Number.NaN, 'SIGKILL');
  expect(await waitForEnd(client, killed)).toMatchObject({ state: 'succeeded', attempt: 2, test: { total: 500 } });
});
