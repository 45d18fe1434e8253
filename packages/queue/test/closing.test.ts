import { eventually } from '@trainyard/test-kit';
import { expect, test } from 'vitest';
import { consumeBusily, onEachBackend } from './backends.js';

onEachBackend((suite) => {
  test('closing a consumer waits for what it handles and takes nothing more', async () => {
    const queue = await suite.open();
    const { consumer, began, finish } = consumeBusily(queue);
    await queue.add([{ jobId: 'job_1', attempt: 1, priority: 0 }]);
    await queue.add([{ jobId: 'job_2', attempt: 1, priority: 0 }]);
    await eventually('the first to begin', () => began.length === 1);
    let closed = false;
    const closing = consumer.close().then(() => {
      closed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(closed).toBe(false);
    finish();
    await closing;
    expect(began).toEqual(['job_1']);
    expect(await queue.counts()).toEqual({ waiting: 1, active: 0 });
  });
});
