import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset, TestedCheckpoint } from '@trainyard/contracts';
import { writePacked } from '@trainyard/datasets';
import { expect, it } from 'vitest';
import { epochsOf, messagesOf, packToy, resultsOf, type Toy, type TrainedToy, toyImages, trainToy } from '../toy.js';

const changes = { epochs: 2, normalization: 'dataset', ema: { decay: 0.9 }, testAugmentation: 'mirror' } as const;

/** The best checkpoint of a run, as a worker names it to the trainer that tests it. */
function bestOf(trained: TrainedToy): TestedCheckpoint {
  const { epoch } = resultsOf(trained);
  const staged = epochsOf(trained).find(({ metrics }) => metrics.epoch === epoch)?.checkpoint;
  const weights = staged?.manifest.files.find(({ name }) => name === 'weights.bin');
  if (!staged || !weights) throw new Error('the best epoch has no checkpoint');
  return { jobId: 'job_toy', folder: staged.folder, weightsSha256: weights.sha256 };
}

/** The same test images beside other training images, so that the dataset has other statistics. */
async function brighter({ folder }: Toy): Promise<Toy> {
  const datasetFile = join(folder, 'brighter.packed');
  const train = { ...toyImages(9, 7), images: new Uint8Array(9 * 64).map((_, i) => 200 + (i % 50)) };
  const dataset: Dataset = await writePacked(datasetFile, {
    name: 'brighter',
    version: 1,
    classes: ['top', 'middle', 'bottom'],
    imageShape: [8, 8, 1],
    source: 'generated',
    train,
    test: toyImages(30, 8),
  });
  return { folder, dataset, datasetFile };
}

it('a checkpoint gets the results that its own job got, also beside other training images', async () => {
  const toy = await packToy();
  const trained = await trainToy(toy, changes);
  const { seconds: _, last: __, predictions, ...expected } = resultsOf(trained);
  const other = await brighter(toy);
  expect(other.dataset.mean).not.toEqual(toy.dataset.mean);
  for (const set of [toy, other]) {
    const tested = await trainToy(set, changes, { tests: bestOf(trained) });
    expect(tested.messages[0]).toMatchObject({ type: 'started', parameters: 243, stepsPerEpoch: 0, resumedFrom: null });
    expect(messagesOf(tested.messages, 'epoch')).toEqual([]);
    const { seconds: ___, predictions: found, ...results } = resultsOf(tested);
    expect(results).toEqual({ ...expected, last: null });
    expect(found).toEqual({ ...predictions, datasetDigest: set.dataset.digest });
  }
});

it('files that are cut short, and those of other weights, fail the test for good', async () => {
  const toy = await packToy();
  const tests = bestOf(await trainToy(toy, changes));
  const failure = async (checkpoint: TestedCheckpoint) => (await trainToy(toy, changes, { tests: checkpoint })).last;
  const code = 'checkpoint_missing';
  expect(await failure({ ...tests, weightsSha256: 'f'.repeat(64) })).toMatchObject({ failure: { code } });
  await truncate(join(tests.folder, 'weights.bin'), 10);
  expect(await failure(tests)).toMatchObject({ type: 'failed', failure: { code }, results: null });
});

it.each([
  ['cancelled', 'requestCancel'],
  ['suspended', 'requestSuspend'],
] as const)('a test that is %s in its middle ends so, without a checkpoint', async (type, request) => {
  const toy = await packToy();
  const tests = bestOf(await trainToy(toy, changes));
  const { last } = await trainToy(toy, changes, {
    tests,
    watch: (message, signal) => {
      if (message.type === 'started') signal[request]();
    },
  });
  expect(last).toEqual(type === 'cancelled' ? { type } : { type, checkpoint: null });
});
