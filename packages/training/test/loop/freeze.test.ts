import { createHash } from 'node:crypto';
import { readCheckpoint } from '@trainyard/artifacts';
import type { JobSpecInput } from '@trainyard/contracts';
import { openNativeExecutor } from '@trainyard/executor-native';
import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import { expect, it } from 'vitest';
import { epochsOf, packToy, resultsOf, type TrainedToy, trainToy } from '../toy.js';

const settings: Partial<JobSpecInput> = {
  optimizer: { type: 'sgd', momentum: 0.9, weightDecay: 0.1, groups: [{ match: 'dense_1', learningRateFactor: 2 }] },
  ema: { decay: 0.9 },
  lookahead: { every: 2 },
};

/** The digest of each weight and the names of the state after an epoch. */
async function checkpointOf(trained: TrainedToy, epoch: number) {
  const folder = epochsOf(trained)[epoch - 1]?.checkpoint?.folder;
  const { manifest, weights, state } = await readCheckpoint(folder ?? '');
  const digests = new Map(
    weights.map(({ name, data }) => {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      return [name, createHash('sha256').update(bytes).digest('hex')];
    }),
  );
  const weightsSha256 = manifest.files.find(({ name }) => name === 'weights.bin')?.sha256 ?? '';
  return {
    stored: { jobId: 'job_toy', epoch, folder: folder ?? '', weightsSha256, fromSeed: [], upload: null, file: null },
    digests,
    state,
  };
}

it.each([
  ['native', () => openNativeExecutor({ threads: 1 })],
  ['tfjs', () => openTfjsExecutor({ backend: 'cpu' })],
])('with all but the head frozen, on %s, every other weight keeps its digest', async (_, open) => {
  const toy = await packToy();
  const source = await checkpointOf(await trainToy(toy, { epochs: 1 }, { executor: await open() }), 1);
  const tuned = await trainToy(
    toy,
    { ...settings, epochs: 2, freeze: ['*', '!dense_1'] },
    { executor: await open(), initialWeights: source.stored },
  );
  resultsOf(tuned);
  const { digests, state } = await checkpointOf(tuned, 2);
  const changed = [...digests].filter(([name, digest]) => digest !== source.digests.get(name)).map(([name]) => name);
  expect(changed).toEqual(['dense_1/kernel', 'dense_1/bias']);
  expect(state.map(({ name }) => name).filter((name) => /conv2d|batch_normalization/.test(name))).toEqual([]);
});
