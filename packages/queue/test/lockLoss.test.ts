import { eventually } from '@trainyard/test-kit';
import { expect, onTestFinished, test } from 'vitest';
import { onEachBackend } from './backends.js';

onEachBackend((suite) => {
  test('a handler is notified when the queue has lost its delivery', async () => {
    const queue = await suite.open();
    let lost: AbortSignal | undefined;
    let finish = () => {};
    const consumer = queue.consume(
      (_delivery, signal) => {
        lost = signal;
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
      { concurrency: 1, lockMs: 1000 },
    );
    onTestFinished(() => consumer.close());
    await queue.add([{ jobId: 'job_1', attempt: 1, priority: 0 }]);
    await eventually('the handler to begin', () => lost);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(lost?.aborted).toBe(false);
    await suite.flush();
    await eventually('the signal', () => lost?.aborted);
    finish();
  });
});
