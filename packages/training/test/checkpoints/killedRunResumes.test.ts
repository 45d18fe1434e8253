import type { JobSpecInput } from '@trainyard/contracts';
import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import { expect, it } from 'vitest';
import {
  bestFolder,
  curves,
  digestsOf,
  epochsOf,
  messagesOf,
  packToy,
  recordRecipe,
  type TrainedToy,
  trainToy,
  watched,
  withoutSeconds,
} from '../toy.js';

const changes: Partial<JobSpecInput> = {
  optimizer: { type: 'adamw', weightDecay: 0.01 },
  learningRate: 0.01,
  ema: { decay: 0.9, warmup: true },
  augmentation: { flip: true, translate: 1 },
  schedule: { type: 'oneCycle' },
  earlyStopping: { patience: 2 },
};

/** What remains of a run that is killed right after a message. */
function killedAfter({ messages }: TrainedToy, index: number): TrainedToy {
  return { messages: messages.slice(0, index + 1), last: { type: 'cancelled' } };
}

it.each([
  ['averaged weights', changes],
  ['the record recipes’ features', recordRecipe],
])('a run with %s killed after any checkpoint within an epoch ends like an uninterrupted one', async (_, changes) => {
  const toy = await packToy();
  const whole = await trainToy(toy, changes);
  const watchedRun = await trainToy(toy, { ...changes, checkpoint: { everySteps: 3 } });
  // Eight steps an epoch, the last a smaller batch: those after steps 3 and 6, 9, 12 and 15, 18 and 21.
  const positions = messagesOf(watchedRun.messages, 'checkpoint').map(({ checkpoint }) => checkpoint.manifest.cursor);
  expect(positions.map(({ globalStep }) => globalStep)).toEqual([3, 6, 9, 12, 15, 18, 21]);
  expect(curves(watchedRun)).toEqual(curves(whole));

  for (const [index, message] of watchedRun.messages.entries()) {
    if (message.type !== 'checkpoint') continue;
    const first = killedAfter(watchedRun, index);
    const options = { attempt: 2, resumeFrom: message.checkpoint.folder, bestSoFar: bestFolder(first) };
    const second = await trainToy(toy, changes, options);
    expect(curves(first, second)).toEqual(curves(whole));
    expect((await digestsOf(second)).get(3)).toBe((await digestsOf(whole)).get(3));
    expect(withoutSeconds(second)).toEqual(withoutSeconds(whole));
  }
});

it('a checkpoint after `everySeconds` changes no bit', async () => {
  const toy = await packToy();
  const whole = await trainToy(toy, changes);
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const executor = watched(await openTfjsExecutor({ backend: 'cpu' }), () => void Atomics.wait(sleeper, 0, 0, 40));
  const timed = await trainToy(toy, { ...changes, checkpoint: { everySeconds: 0.1 } }, { executor });
  expect(messagesOf(timed.messages, 'checkpoint').length).toBeGreaterThan(0);
  expect(curves(timed)).toEqual(curves(whole));
  expect(await digestsOf(timed)).toEqual(await digestsOf(whole));
});

it('without everySteps and everySeconds no checkpoint is written within an epoch', async () => {
  const toy = await packToy();
  const checkpoint = { everySeconds: null, everySteps: null };
  const trained = await trainToy(toy, { checkpoint });
  expect(messagesOf(trained.messages, 'checkpoint')).toEqual([]);
  expect(epochsOf(trained)).toHaveLength(3);
});
