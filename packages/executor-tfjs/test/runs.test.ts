import { setImmediate as nextTurn } from 'node:timers/promises';
import { ExecutorError } from '@trainyard/program';
import { expect, it } from 'vitest';
import { averagingProgram, ones, openSession } from './programs.js';

it('runs the steps in order, each with its own feeds', async () => {
  const session = await openSession();
  const program = await session.load(averagingProgram(1));
  expect(await program.run(3, { 'feed/w': Float32Array.of(1, 2, 3) })).toBe(3);
  expect([...(await session.read('average'))]).toEqual([(((0 + 2) / 2 + 4) / 2 + 6) / 2]);
  await session.close();
});

it('stops between two steps when it is told to', async () => {
  const session = await openSession();
  const program = await session.load(averagingProgram());
  const controller = new AbortController();
  const run = program.run(1_000_000, ones(program, 1_000_000), controller.signal);
  // A step takes one turn of the event loop.
  for (let turn = 0; turn < 100; turn++) await nextTurn();
  controller.abort();
  const done = await run;
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(1000);
  expect(await program.run(5, ones(program, 5), controller.signal)).toBe(0);
  expect(await program.run(5, ones(program, 5))).toBe(5);
  await session.close();
});

it('lets a second run wait for the first', async () => {
  const session = await openSession();
  const program = await session.load(averagingProgram(1));
  const order: string[] = [];
  await Promise.all([
    program.run(20, { 'feed/w': new Float32Array(20).fill(1) }).then(() => order.push('first')),
    program.run(1, { 'feed/w': Float32Array.of(5) }).then(() => order.push('second')),
  ]);
  expect(order).toEqual(['first', 'second']);
  expect((await session.read('average'))[0]).toBeCloseTo((2 + 10) / 2, 4);
  await session.close();
});

it('stops a run when the session is closed, and refuses what comes after', async () => {
  const session = await openSession();
  const program = await session.load(averagingProgram());
  const run = program.run(1_000_000, ones(program, 1_000_000));
  const outcome = run.then(
    () => 'finished',
    (error: unknown) => error,
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  await session.close();
  expect(await outcome).toBeInstanceOf(ExecutorError);
  await expect(session.read('average')).rejects.toThrow('closed');
});
