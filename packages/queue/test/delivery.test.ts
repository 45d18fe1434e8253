import { eventually } from '@trainyard/test-kit';
import { expect, onTestFinished, test } from 'vitest';
import { entry, onEachBackend, startConsumer } from './backends.js';

onEachBackend((suite) => {
  test('an attempt is delivered once, and the queue forgets it when it was handled', async () => {
    const queue = await suite.open();
    const handled: string[] = [];
    const consumers = [1, 2].map(() =>
      queue.consume(async ({ jobId, attempt }) => void handled.push(`${jobId}/${attempt}`), { concurrency: 1 }),
    );
    onTestFinished(async () => void (await Promise.all(consumers.map((consumer) => consumer.close()))));
    const added = Array.from({ length: 20 }, (_, i) => ({ jobId: `job_${i}`, attempt: 2, priority: 0 }));
    await queue.add(added.slice(0, 12));
    await queue.add(added.slice(8));
    await eventually('all to be handled', () => handled.length >= 20);
    await eventually('an empty queue', async () => {
      const { waiting, active } = await queue.counts();
      return waiting + active === 0;
    });
    expect(handled.toSorted()).toEqual(added.map(({ jobId }) => `${jobId}/2`).toSorted());
    expect(await queue.has(added)).toEqual(added.map(() => false));
  });

  test('an attempt that waits or is being handled is not added again; once handled it may come again', async () => {
    const queue = await suite.open();
    const delivery = { jobId: 'job_a', attempt: 1, priority: 0 };
    await Promise.all(Array.from({ length: 10 }, () => queue.add([delivery])));
    expect(await queue.counts()).toEqual({ waiting: 1, active: 0 });
    expect(await queue.has([delivery, { jobId: 'job_a', attempt: 2 }])).toEqual([true, false]);

    let starts = 0;
    let finish = () => {};
    const consumer = queue.consume(
      () => {
        starts += 1;
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
      { concurrency: 1 },
    );
    onTestFinished(() => consumer.close());
    await eventually('the handler to start', () => starts === 1);
    await queue.add([delivery]);
    expect(await queue.counts()).toEqual({ waiting: 0, active: 1 });
    finish();
    await eventually('an empty queue', async () => !(await queue.has([delivery]))[0]);
    await queue.add([delivery]);
    await eventually('the handler to start again', () => starts === 2);
    finish();
  });

  test('higher priorities come first, and equal ones in the order in which they were added', async () => {
    const queue = await suite.open();
    const priorities = [0, -100, 5, 100, 0, 5];
    await queue.add(priorities.map((priority, i) => ({ jobId: `job_${i}`, attempt: 1, priority })));
    const handled = startConsumer(queue);
    await eventually('all to be handled', () => handled.length === priorities.length);
    expect(handled).toEqual(['job_3', 'job_2', 'job_5', 'job_0', 'job_4', 'job_1']);
  });

  test('a handler that throws ends its delivery, and the next is taken', async () => {
    const errors: string[] = [];
    const queue = await suite.open({ onError: (error) => errors.push(error.message) });
    const handled: string[] = [];
    const consumer = queue.consume(
      async ({ jobId }) => {
        handled.push(jobId);
        if (jobId === 'job_bad') throw new Error('broken handler');
      },
      { concurrency: 1 },
    );
    onTestFinished(() => consumer.close());
    await queue.add(entry('job_bad'));
    await queue.add(entry('job_good'));
    await eventually('both to be handled', () => handled.length === 2);
    expect(errors).toEqual(['broken handler']);
    await eventually('an empty queue', async () => !(await queue.has([{ jobId: 'job_bad', attempt: 1 }]))[0]);
  });
});
