import type { TrainerMessage } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import type { TrainingSignal } from '../../src/index.js';
import { messagesOf, packToy, trainToy } from '../toy.js';

it('a long run ends within a second of the request, without a checkpoint', async () => {
  let asked = 0;
  const watch = (message: TrainerMessage, signal: TrainingSignal) => {
    if (message.type !== 'progress' || asked > 0) return;
    setTimeout(() => {
      asked = performance.now();
      signal.requestSuspend();
      signal.requestCancel();
    }, 500);
  };
  const { last, messages } = await trainToy(await packToy(7500), { epochs: 1000 }, { watch });
  expect(last).toEqual({ type: 'cancelled' });
  expect(performance.now() - asked).toBeLessThan(1000);
  expect(messagesOf(messages, 'suspended')).toEqual([]);
});
