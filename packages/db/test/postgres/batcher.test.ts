import { expect, test } from 'vitest';
import { Batcher } from '../../src/postgres/batcher.js';

/** Records batches; each finishes only when the test calls `finish` or `fail`. */
function manualBatcher(options = { size: 10, lanes: 1 }) {
  const batches: { inputs: number[]; finish: (outputs?: (number | Error)[]) => void; fail: (error: Error) => void }[] =
    [];
  const run = (inputs: number[]) =>
    new Promise<(number | Error)[]>((resolve, reject) => {
      const finish = (outputs: (number | Error)[] = inputs.map((n) => 10 * n)) => resolve(outputs);
      batches.push({ inputs, finish, fail: reject });
    });
  return { batcher: new Batcher(run, options), batches, inputs: () => batches.map((batch) => batch.inputs) };
}
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

test('calls of the same turn share a batch, and each gets its own output', async () => {
  const { batcher, batches, inputs } = manualBatcher();
  const answers = [1, 2, 3].map((n) => batcher.call(n));
  await turn();
  expect(inputs()).toEqual([[1, 2, 3]]);
  batches[0]?.finish();
  expect(await Promise.all(answers)).toEqual([10, 20, 30]);
});

test('a call never joins a batch that has begun', async () => {
  const { batcher, batches, inputs } = manualBatcher();
  const first = batcher.call(1);
  await turn();
  const later = [batcher.call(2), batcher.call(3)];
  await turn();
  expect(inputs()).toEqual([[1]]);
  batches[0]?.finish();
  await first;
  await turn();
  expect(inputs()).toEqual([[1], [2, 3]]);
  batches[1]?.finish();
  expect(await Promise.all(later)).toEqual([20, 30]);
});

test('a batch has no more calls than its size, and no more run at the same time than there are lanes', async () => {
  const { batcher, batches, inputs } = manualBatcher({ size: 2, lanes: 2 });
  const answers = [1, 2, 3, 4, 5].map((n) => batcher.call(n));
  await turn();
  expect(inputs()).toEqual([
    [1, 2],
    [3, 4],
  ]);
  batches[1]?.finish();
  await turn();
  expect(inputs()[2]).toEqual([5]);
  batches[0]?.finish();
  batches[2]?.finish();
  expect(await Promise.all(answers)).toEqual([10, 20, 30, 40, 50]);
});

test('an error as an output fails its call alone; a failed batch fails all its calls; the next one runs', async () => {
  const { batcher, batches } = manualBatcher();
  const settled = Promise.allSettled([batcher.call(1), batcher.call(2)]);
  await turn();
  batches[0]?.finish([new Error('no'), 20]);
  expect(await settled).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: 20 }]);

  const both = Promise.allSettled([batcher.call(3), batcher.call(4)]);
  await turn();
  const next = batcher.call(5);
  batches[1]?.fail(new Error('gone'));
  expect(await both).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  await turn();
  batches[2]?.finish();
  expect(await next).toBe(50);
});
