import type { JobSpecInput, TrainerMessage } from '@trainyard/contracts';
import { nativeAvailability, openNativeExecutor } from '@trainyard/executor-native';
import { describe, expect, it } from 'vitest';
import { TrainingSignal } from '../src/index.js';
import { digestsOf, epochsOf, packToy, photoRecipe, recordRecipe, trainToy, watched } from './toy.js';

const changes: Partial<JobSpecInput> = {
  epochs: 3,
  optimizer: { type: 'sgd', momentum: 0.9 },
  ema: { decay: 0.9, warmup: true },
  augmentation: { flip: true, translate: 1, cutout: 2 },
};

describe.skipIf(!nativeAvailability().available)('on the native executor', () => {
  it.each([
    ['momentum and averages', changes],
    ['the record recipes’ features', recordRecipe],
    ['augmentation for photographs', photoRecipe],
  ])('losses with %s match the reference executor’s', async (_, changes) => {
    const toy = await packToy();
    const reference = epochsOf(await trainToy(toy, changes));
    const native = epochsOf(await trainToy(toy, changes, { executor: await openNativeExecutor() }));
    native.forEach(({ metrics }, i) => {
      expect(metrics.trainLoss).toBeCloseTo(reference[i]?.metrics.trainLoss as number, 3);
      expect(metrics.validationLoss).toBeCloseTo(reference[i]?.metrics.validationLoss as number, 3);
    });
  });

  it.each([
    ['momentum and averages', changes],
    ['the record recipes’ features', recordRecipe],
    ['augmentation for photographs', photoRecipe],
  ])(
    'a run with %s suspended within a chunk of steps ends with the bits of an uninterrupted one',
    async (_, changes) => {
      const toy = await packToy(600);
      const executor = await openNativeExecutor();
      const whole = await trainToy(toy, changes, { executor });
      const signal = new TrainingSignal();
      const interrupted = watched(executor, (_, steps) => {
        if (steps > 1) setTimeout(() => signal.requestSuspend(), 1);
      });
      const first = await trainToy(toy, changes, { executor: interrupted, signal });
      if (first.last.type !== 'suspended') throw new Error(`it ended with ${first.last.type}`);
      const resumeFrom = first.last.checkpoint?.folder ?? null;
      const second = await trainToy(toy, changes, { executor, resumeFrom, attempt: 2 });
      expect((await digestsOf(second)).get(3)).toBe((await digestsOf(whole)).get(3));
    },
  );

  it('a long run ends within a second of its cancellation', async () => {
    let requestedAt = 0;
    const watch = (message: TrainerMessage, signal: TrainingSignal) => {
      if (message.type !== 'progress' || requestedAt > 0) return;
      requestedAt = performance.now();
      setTimeout(() => signal.requestCancel(), 100);
    };
    const executor = await openNativeExecutor();
    const { last } = await trainToy(await packToy(30_000), { epochs: 10_000 }, { executor, watch });
    expect(last).toEqual({ type: 'cancelled' });
    expect(performance.now() - requestedAt).toBeLessThan(1100);
  });
});
