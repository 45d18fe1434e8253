import type { TrainerMessage } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import type { TrainingSignal } from '../../src/index.js';
import { messagesOf, packToy, trainToy } from '../toy.js';

it('a long run ends within a second of the request, without a checkpoint', async () => {
  let requestedAt = 0;
  const watch = (message: TrainerMessage, signal: TrainingSignal) => {
    if (message.type !== 'progress' || requestedAt > 0) return;
    setTimeout(() => {
      requestedAt = performance.now();
      signal.requestSuspend();
      signal.requestCancel();
    }, 500);
  };
  const { last, messages } = await trainToy(await packToy(7500), { epochs: 1000 }, { watch });
  expect(last).toEqual({ type: 'cancelled' });
  expect(performance.now() - requestedAt).toBeLessThan(1000);
  expect(messagesOf(messages, 'suspended')).toEqual([]);
});
