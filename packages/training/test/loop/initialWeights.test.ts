import { createHash } from 'node:crypto';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readCheckpoint } from '@trainyard/artifacts';
import type { StoredWeights } from '@trainyard/contracts';
import { encodeSafetensors, stateDict } from '@trainyard/formats';
import { expect, it } from 'vitest';
import { planTraining } from '../../src/index.js';
import {
  digestsOf,
  epochsOf,
  messagesOf,
  packToy,
  type TrainedToy,
  temporaryFolder,
  toySpec,
  trainToy,
} from '../toy.js';

/** Updates that are lost in the rounding of every weight but those that are zero. */
const tiny = { learningRate: 1e-30, epochs: 1 } as const;

/** The checkpoint of an epoch, as a worker names it to the trainer that starts from it. */
function weightsOf(trained: TrainedToy, epoch: number, fromSeed: string[] = []): StoredWeights {
  const staged = epochsOf(trained)[epoch - 1]?.checkpoint;
  const weights = staged?.manifest.files.find(({ name }) => name === 'weights.bin');
  if (!staged || !weights) throw new Error('the epoch has no checkpoint');
  return {
    jobId: 'job_toy',
    epoch,
    folder: staged.folder,
    weightsSha256: weights.sha256,
    fromSeed,
    upload: null,
    file: null,
  };
}

async function tensorsOf(trained: TrainedToy, epoch: number): Promise<Map<string, number[]>> {
  const { weights } = await readCheckpoint(weightsOf(trained, epoch).folder);
  return new Map(weights.map(({ name, data }) => [name, [...data]]));
}

/** The largest difference: an average of equal values is rounded. */
const distance = (a: number[] = [], b: number[] = []): number =>
  Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));

it('a training starts from the weights of a checkpoint, and its head from the seed where that is wanted', async () => {
  const toy = await packToy();
  const trained = await trainToy(toy, { epochs: 2, ema: { decay: 0.9 }, lookahead: { every: 2 } });
  const expected = await tensorsOf(trained, 2);
  for (const changes of [{}, { ema: { decay: 0.999 } }, { lookahead: { every: 2 } }]) {
    const tuned = await trainToy(toy, { ...tiny, ...changes }, { initialWeights: weightsOf(trained, 2) });
    const found = await tensorsOf(tuned, 1);
    for (const name of ['conv2d_1/kernel', 'batch_normalization_1/gamma', 'dense_1/kernel'])
      expect(distance(found.get(name), expected.get(name)), name).toBeLessThan(1e-5);
  }
  const head = ['dense_1/kernel', 'dense_1/bias'];
  const fresh = await tensorsOf(await trainToy(toy, tiny), 1);
  const tuned = await tensorsOf(await trainToy(toy, tiny, { initialWeights: weightsOf(trained, 2, head) }), 1);
  for (const name of head) expect(tuned.get(name)).toEqual(fresh.get(name));
  expect(tuned.get('conv2d_1/kernel')).toEqual(expected.get('conv2d_1/kernel'));
});

it('an attempt that resumes goes on from its checkpoint, with the bits of an uninterrupted one', async () => {
  const toy = await packToy();
  const initialWeights = weightsOf(await trainToy(toy, { epochs: 1 }), 1);
  const changes = { seed: 5, epochs: 2 };
  const whole = await trainToy(toy, changes, { initialWeights });
  const half = await trainToy(toy, changes, {
    initialWeights,
    watch: (message, signal) => {
      if (message.type === 'epoch') signal.requestSuspend();
    },
  });
  expect(half.last.type).toBe('suspended');
  const resumeFrom = weightsOf(half, 1).folder;
  const rest = await trainToy(toy, changes, { initialWeights, resumeFrom });
  expect([...(await digestsOf(half)), ...(await digestsOf(rest))]).toEqual([...(await digestsOf(whole))]);
});

it('files that are damaged or of other weights fail the job for good, and it never starts from the seed', async () => {
  const toy = await packToy();
  const stored = weightsOf(await trainToy(toy, { epochs: 1 }), 1);
  const ended = (initialWeights: StoredWeights) => trainToy(toy, {}, { initialWeights });
  const failed = { type: 'failed', failure: { code: 'initial_weights_unusable' }, results: null };
  expect((await ended({ ...stored, weightsSha256: 'f'.repeat(64) })).last).toMatchObject(failed);
  await truncate(join(stored.folder, 'weights.bin'), 10);
  const { messages, last } = await ended(stored);
  expect(last).toMatchObject(failed);
  expect(messagesOf(messages, 'epoch')).toEqual([]);
  expect((await ended({ ...stored, folder: `${stored.folder}-gone` })).last).toMatchObject(failed);
});

it('an uploaded state dict is the same start as the checkpoint that it was written from', async () => {
  const toy = await packToy();
  const trained = await trainToy(toy, { epochs: 1 });
  const stored = weightsOf(trained, 1);
  const { weights } = await readCheckpoint(stored.folder);
  const { model } = await planTraining(toySpec(), toy.dataset, toy.datasetFile);
  const bytes = Buffer.concat(encodeSafetensors(stateDict(model, weights)));
  const folder = await temporaryFolder();
  const file = join(folder, 'upload.safetensors');
  await writeFile(file, bytes);
  const weightsSha256 = createHash('sha256').update(bytes).digest('hex');
  const uploaded = { ...stored, folder, weightsSha256, upload: 'upl_toy', file: 'toy.safetensors' };
  const [found, expected] = [
    await trainToy(toy, { epochs: 1 }, { initialWeights: uploaded }),
    await trainToy(toy, { epochs: 1 }, { initialWeights: stored }),
  ];
  expect(await digestsOf(found)).toEqual(await digestsOf(expected));
  await truncate(file, 100);
  const { last } = await trainToy(toy, { epochs: 1 }, { initialWeights: uploaded });
  expect(last).toMatchObject({ type: 'failed', failure: { code: 'initial_weights_unusable' } });
});
