import { expect, it } from 'vitest';
import { epochsOf, packToy, trainToy } from '../toy.js';

it('ends with the epoch in which the limit is reached, and tests the best weights', async () => {
  const limit = { secondsLeft: 1e-6, reason: 'cost' as const };
  const trained = await trainToy(await packToy(), { epochs: 50, checkpoint: { every: 10 } }, { limit });
  expect(epochsOf(trained)).toHaveLength(1);
  expect(epochsOf(trained).at(-1)?.checkpoint).not.toBeNull();
  expect(trained.messages.at(-1)).toMatchObject({ type: 'tested', stopped: 'cost', results: { epoch: 1 } });
});

it('a resumed attempt that is past the limit tests at once, and trains one epoch where none is complete', async () => {
  const toy = await packToy();
  const limit = { secondsLeft: -5, reason: 'seconds' as const };
  const first = await trainToy(toy, { epochs: 3 });
  const resumeFrom = epochsOf(first)[1]?.checkpoint?.folder ?? null;
  const resumed = await trainToy(toy, { epochs: 3 }, { limit, resumeFrom, attempt: 2 });
  expect(epochsOf(resumed)).toEqual([]);
  expect(resumed.last).toMatchObject({ type: 'tested', stopped: 'seconds', results: { last: { epoch: 2 } } });
  const within = await trainToy(toy, { epochs: 3, checkpoint: { everySteps: 3 } });
  const early = within.messages.find((message) => message.type === 'checkpoint')?.checkpoint;
  expect(early?.manifest.cursor).toMatchObject({ epoch: 0, step: 3 });
  const again = await trainToy(toy, { epochs: 3 }, { limit, resumeFrom: early?.folder ?? null, attempt: 2 });
  expect(epochsOf(again)).toHaveLength(1);
  expect(again.last).toMatchObject({ type: 'tested', stopped: 'seconds', results: { epoch: 1 } });
});

it('trains all epochs within the limit, and says why it stopped where it did', async () => {
  const limit = { secondsLeft: 1e6, reason: 'seconds' as const };
  const all = await trainToy(await packToy(), { epochs: 2 }, { limit });
  expect(all.messages.at(-1)).toMatchObject({ type: 'tested', stopped: null });
  expect(epochsOf(all)).toHaveLength(2);
  const early = await trainToy(await packToy(), { epochs: 50, earlyStopping: { patience: 1, minDelta: 10 } });
  expect(early.messages.at(-1)).toMatchObject({ type: 'tested', stopped: 'earlyStopping' });
  const last = await trainToy(await packToy(), { epochs: 1 }, { limit: { ...limit, secondsLeft: 0 } });
  expect(last.messages.at(-1)).toMatchObject({ type: 'tested', stopped: null });
});
