import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainerMessage } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { TrainingSignal } from '../../src/index.js';
import { curves, digestsOf, epochsOf, messagesOf, packToy, resultsOf, temporaryFolder, trainToy } from '../toy.js';

/** A staging folder that cannot be written to while a file is in its place, as on a full disk. */
async function disk() {
  const folder = join(await temporaryFolder(), 'staging');
  await mkdir(folder);
  return {
    folder,
    async fill() {
      await rm(folder, { recursive: true });
      await writeFile(folder, '');
    },
    async empty() {
      await rm(folder);
      await mkdir(folder);
    },
  };
}

const isEpoch = (message: TrainerMessage, epoch: number) => message.type === 'epoch' && message.metrics.epoch === epoch;

it('a warning reports a checkpoint that cannot be written, and training continues', async () => {
  const toy = await packToy();
  const { folder, fill, empty } = await disk();
  const watch = async (message: TrainerMessage) => {
    if (isEpoch(message, 1)) await fill();
    if (isEpoch(message, 2)) await empty();
  };
  const trained = await trainToy(toy, {}, { stagingFolder: folder, watch });
  expect(messagesOf(trained.messages, 'warning')).toMatchObject([
    { code: 'checkpoint_unwritten', message: expect.stringMatching(/after epoch 2, step 0 .*ENOTDIR/) },
  ]);
  expect(epochsOf(trained).map(({ checkpoint }) => checkpoint !== null)).toEqual([true, false, true]);
  expect(curves(trained)).toEqual(curves(await trainToy(toy)));
  resultsOf(trained);
});

it('the checkpoint of a best epoch is written as soon as possible, before any newer one', async () => {
  const toy = await packToy();
  const { folder, fill, empty } = await disk();
  // At this rate the accuracy stays and the loss rises, so that the first epoch is the best.
  const changes = { epochs: 3, learningRate: 1, checkpoint: { metric: 'validationAccuracy' as const } };
  const whole = await trainToy(toy, changes);
  expect(resultsOf(whole).epoch).toBe(1);
  await fill();
  const watch = async (message: TrainerMessage) => {
    if (isEpoch(message, 1)) await empty();
  };
  const trained = await trainToy(toy, changes, { stagingFolder: folder, watch });
  const sent = trained.messages.flatMap((message) =>
    message.type === 'epoch' || message.type === 'checkpoint'
      ? [[message.type, message.checkpoint?.manifest.cursor.epoch]]
      : [],
  );
  expect(sent).toEqual([
    ['epoch', undefined],
    ['checkpoint', 1],
    ['epoch', 2],
    ['epoch', 3],
  ]);
  const [late] = messagesOf(trained.messages, 'checkpoint');
  expect(late?.checkpoint.manifest).toMatchObject({ cursor: { epoch: 1, step: 0 }, best: { epoch: 1 } });
  expect(await digestsOf(trained)).toEqual(new Map([...(await digestsOf(whole))].slice(1)));
});

it('a run whose best weights are not on the disk reports no result', async () => {
  const { folder, fill } = await disk();
  await fill();
  const signal = new TrainingSignal();
  let warnings = 0;
  const watch = (message: TrainerMessage) => {
    // After its three epochs it retries until it is stopped.
    if (message.type === 'warning' && ++warnings === 4) setTimeout(() => signal.requestSuspend(), 100);
  };
  const trained = await trainToy(await packToy(), {}, { stagingFolder: folder, watch, signal });
  expect(trained.last).toEqual({ type: 'suspended', checkpoint: null });
});
